export * from '../../src/lab/chance.ts'

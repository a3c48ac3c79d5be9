export * from '../../src/lab/traffic/face.ts'

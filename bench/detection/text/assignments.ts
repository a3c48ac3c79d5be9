export { assignment } from '../../../src/lab/text/assignments.ts'

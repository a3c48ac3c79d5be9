export { familiesOf, type Family } from '../../../src/lab/text/families.ts'

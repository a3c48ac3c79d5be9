import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, hash, sign } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { canonical } from './canonical.ts'
import { partialTiles, tilePath } from './layout.ts'
import { signerOf, signNote } from './note.ts'
import { Prover } from './proof.ts'
import { testLog } from './testing.ts'
import { Tree } from './tree.ts'
import { isSignedBy, parseCheckpoint, parseNote, parseVkey, witnessedAt } from './verify-note.ts'
import { leafHash, merkleRoot, verifyConsistency, verifyInclusion } from './verify-tree.ts'

/** Published test vectors: what other implementations of the same formats are held against. */

// Of Certificate Transparency (RFC 6962 and RFC 9162 hash alike): leaves, the root at each size, paths and proofs.
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const H = {
  a: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  b: '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  c: '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  d: 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  e: 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  f: '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
}
const inclusions: readonly [index: number, size: number, proof: readonly string[]][] = [
  [0, 1, []],
  [0, 8, [H.a, H.b, H.c]],
  [5, 8, [H.d, H.e, roots[4]!]],
  [2, 3, [roots[2]!]],
  [1, 5, [roots[1]!, H.b, H.d]],
]
const consistencies: readonly [first: number, second: number, proof: readonly string[]][] = [
  [1, 1, []],
  [1, 8, [H.a, H.b, H.c]],
  [6, 8, [H.f, H.e, roots[4]!]],
  [2, 5, [H.b, H.d]],
]

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const logs: ReturnType<typeof testLog>[] = []
after(() => logs.forEach((log) => log.remove()))

/** The tiles of a log of these leaves, as the writer lays them out. */
function prover(size: number): Prover {
  const log = testLog()
  logs.push(log)
  const tree = new Tree(0, [], () => {})
  for (const leaf of leaves.slice(0, size)) tree.append(bytes(leaf))
  const path = join(log.folder, tilePath(0, 0, size))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, tree.partial(0))
  return new Prover(log.folder, size)
}

test('RFC 9162: the roots of the reference tree, by the writer and by the verifier', () => {
  const tree = new Tree(0, [], () => {})
  const hashed: Buffer[] = []
  for (const [size, root] of roots.entries()) {
    assert.equal(tree.root().toString('hex'), root, `writer at ${size}`)
    assert.equal(merkleRoot(hashed).toString('hex'), root, `verifier at ${size}`)
    if (size === leaves.length) break
    tree.append(bytes(leaves[size]!))
    hashed.push(leafHash(bytes(leaves[size]!)))
  }
})

test('RFC 9162: the inclusion proofs of the reference tree are made and accepted', () => {
  for (const [index, size, proof] of inclusions) {
    assert.deepEqual(
      prover(size)
        .inclusion(index)
        .map((hash) => hash.toString('hex')),
      proof,
    )
    const leaf = leafHash(bytes(leaves[index]!))
    assert.ok(verifyInclusion(leaf, index, size, proof.map(bytes), bytes(roots[size]!)))
  }
})

test('RFC 9162: the consistency proofs of the reference tree are made and accepted', () => {
  for (const [first, second, proof] of consistencies) {
    assert.deepEqual(
      prover(second)
        .consistency(first)
        .map((hash) => hash.toString('hex')),
      proof,
    )
    assert.ok(verifyConsistency(first, second, proof.map(bytes), bytes(roots[first]!), bytes(roots[second]!)))
  }
})

test('RFC 9162: a proof with one bit, hash or position changed is refused', () => {
  for (const [index, size, proof] of inclusions) {
    const leaf = leafHash(bytes(leaves[index]!))
    const holds = (i: number, n: number, path: readonly Buffer[], root = roots[size]!): boolean =>
      verifyInclusion(leaf, i, n, path, bytes(root))
    const path = proof.map(bytes)
    assert.equal(holds(index, size, [...path, bytes(H.a)]), false)
    assert.equal(holds(index, size, path, roots[size - 1]), false)
    assert.equal(holds(size, size, path), false)
    if (size > 1) assert.equal(holds((index + 1) % size, size, path), false)
    for (const at of path.keys()) {
      assert.equal(holds(index, size, path.toSpliced(at, 1)), false)
      const changed = Buffer.from(path[at]!)
      changed[at] = changed[at]! ^ 1
      assert.equal(holds(index, size, path.with(at, changed)), false)
    }
  }
  for (const [first, second, proof] of consistencies) {
    const path = proof.map(bytes)
    const [old, now] = [bytes(roots[first]!), bytes(roots[second]!)]
    assert.equal(verifyConsistency(first, second, [...path, bytes(H.a)], old, now), false)
    assert.equal(verifyConsistency(second, first, path, now, old), first === second)
    for (const at of path.keys()) {
      assert.equal(verifyConsistency(first, second, path.toSpliced(at, 1), old, now), false)
      const changed = Buffer.from(path[at]!)
      changed[31 - at] = changed[31 - at]! ^ 128
      assert.equal(verifyConsistency(first, second, path.with(at, changed), old, now), false)
    }
  }
})

test('C2SP tlog-tiles: paths, and the partial tiles of the tree of 70,000 in the specification', () => {
  assert.equal(tilePath(0, 1_234_067), 'tile/0/x001/x234/067')
  assert.equal(tilePath('entries', 5, 17), 'tile/entries/005.p/17')
  assert.deepEqual(partialTiles(70_000), [
    [0, 273, 112],
    ['entries', 273, 112],
    [1, 1, 17],
    [2, 0, 1],
  ])
  assert.deepEqual(partialTiles(256), [[1, 0, 1]])
})

const VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`

const noteOf = (text: string) => {
  const note = parseNote(text)
  if (!note.ok) throw new Error(note.error)
  return note.value
}
const vkeyOf = (text: string) => {
  const vkey = parseVkey(text)
  if (!vkey.ok) throw new Error(vkey.error)
  return vkey.value
}

test('C2SP signed-note: the example of the specification is accepted, and nothing that differs', () => {
  assert.equal(isSignedBy(noteOf(NOTE), vkeyOf(VKEY)), 'yes')
  const wrong: readonly string[] = [
    NOTE.replace('example message', 'exbmple message'),
    NOTE.replace('Uw2QOkn8', 'Uw2QOkn9'),
    NOTE.replace('foo Uw2Q', 'foo Vw2Q'),
    NOTE.replace('yaQM=', 'yaQN='),
    NOTE.slice(0, -1),
    NOTE.replace('.\n\n', '.\n'),
    NOTE.replace('—', '-'),
    NOTE.replace('This', 'Th\u0007s'),
    NOTE.replace('message.\n', 'message.\r\n'),
    `${NOTE}junk\n`,
  ]
  for (const text of wrong) {
    const note = parseNote(text)
    assert.notEqual(note.ok && isSignedBy(note.value, vkeyOf(VKEY)), 'yes', text)
  }
})

test('C2SP signed-note: a key whose parts do not belong together is refused', () => {
  for (const text of [
    VKEY.replace('530d903a', '530d903b'),
    VKEY.replace('530d903a', '530D903A'),
    VKEY.replace('+Aeky', '+Aky'),
    VKEY.slice(0, -1),
    VKEY.slice(15),
    'example.com/foo+530d903a',
  ]) {
    assert.equal(parseVkey(text).ok, false, text)
  }
})

test("C2SP signed-note: the writer signs like the Go library's documented key, byte for byte", () => {
  const seed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1)
  const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  const signer = signerOf('PeterNeumann', seed)
  assert.equal(signer.keyId.toString('hex'), 'c74f20a3')
  assert.equal(
    signNote(text, signer),
    `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`,
  )
  assert.equal(isSignedBy(noteOf(signNote(text, signer)), vkeyOf(signer.vkey)), 'yes')
})

test('C2SP tlog-checkpoint and tlog-cosignature: the example is read, and a cosignature is checked over its time', () => {
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
  const lines =
    '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n' +
    '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n'
  const note = noteOf(`${text}\n${lines}`)
  assert.deepEqual(
    note.signatures.map(({ name }) => name),
    ['example.com/behind-the-sofa', 'witness.example.com/w1'],
  )
  const read = parseCheckpoint(note.text)
  assert.ok(read.ok && read.value.size === 20_852_163 && read.value.root[0] === 0x0a)
  const w1 = { ...vkeyOf(VKEY), name: 'witness.example.com/w1', keyId: bytes('8d66cf3f') }
  assert.equal(witnessedAt(note, w1), 1_679_315_147)
  // A witness of our own, made by the text of the specification.
  const { key, vkey, keyId } = witnessKey('w.example/1', Buffer.alloc(32, 7))
  const time = 1_679_315_147n
  const stamp = Buffer.alloc(8)
  stamp.writeBigUInt64BE(time)
  const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), key)
  const cosigned = (at: Buffer): string =>
    `${text}\n— w.example/1 ${Buffer.concat([keyId, at, signature]).toString('base64')}\n`
  assert.equal(isSignedBy(noteOf(cosigned(stamp)), vkeyOf(vkey)), 'yes')
  assert.equal(isSignedBy(noteOf(cosigned(Buffer.alloc(8))), vkeyOf(vkey)), 'forged')
})

function witnessKey(name: string, seed: Buffer) {
  const pkcs8 = Buffer.concat([bytes('302e020100300506032b657004220420'), seed])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  const typed = Buffer.concat([Buffer.of(4), raw])
  const keyId = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer').subarray(0, 4)
  return { key, keyId, vkey: `${name}+${keyId.toString('hex')}+${typed.toString('base64')}` }
}

// RFC 8785, 3.2.2 and 3.2.3, and the sample numbers of its appendix B.
test('RFC 8785: the example of the specification, and its order of names', () => {
  const example = `{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
    "literals": [null, true, false]
  }`
  assert.equal(
    canonical(JSON.parse(example)),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 }
  assert.deepEqual(
    Object.values(
      JSON.parse(
        `[${canonical(names)
          .match(/:(\d)/g)!
          .map((m) => m[1])
          .join()}]`,
      ) as number[],
    ),
    [2, 4, 6, 7, 1, 5, 3],
  )
  const numbers: readonly [string, string][] = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555554', '333333333.33333325'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
  ]
  for (const [hex, text] of numbers) assert.equal(canonical(bytes(hex).readDoubleBE(0)), text)
})

test('text that is no Unicode, which has no canonical form, is mended and not refused', () => {
  assert.equal(canonical({ a: 'x\ud800', b: [Number.NaN] }), '{"a":"x\ufffd","b":[null]}')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Member } from './member.ts'
import { Members } from './members.ts'
import { CampaignRegister } from './register.ts'

function members(count: number): readonly Member[] {
  const all = new Members()
  return Array.from({ length: count }, () => all.join([]))
}

function linked(count: number, links: readonly (readonly [number, number])[]): [readonly Member[], CampaignRegister] {
  const all = members(count)
  const register = new CampaignRegister()
  for (const [i, [a, b]] of links.entries()) register.link(all[a % count]!, all[b % count]!, i)
  return [all, register]
}

test('three that belong together are a campaign, from the moment the third has come', () => {
  const [all, register] = linked(4, [
    [0, 1],
    [1, 2],
  ])
  const { id, detectedMs } = register.of(all[0]!)!
  assert.deepEqual([id, detectedMs], ['c-0-1', 1])
  assert.equal(register.of(all[0]!), register.of(all[2]!))
  assert.deepEqual([register.of(all[3]!), register.sizeOf(all[3]!), register.sizeOf(all[2]!)], [null, 1, 3])
})

test('of two campaigns that become one, the name that was told first stays, whichever is larger', () => {
  for (const joint of [
    [0, 4],
    [4, 0],
  ] as const) {
    const [all, register] = linked(9, [
      [0, 1],
      [1, 2],
      [3, 4],
      [4, 5],
      [5, 6],
      [6, 7],
    ])
    const [first, second] = [register.of(all[0]!)!, register.of(all[4]!)!]
    assert.deepEqual([first.id, second.id], ['c-0-1', 'c-0-2'])
    first.convicted = 2
    second.convicted = 3
    register.link(all[joint[0]]!, all[joint[1]]!, 99)
    for (let i = 0; i < 8; i++) assert.deepEqual(register.of(all[i]!), first)
    assert.deepEqual([register.sizeOf(all[7]!), register.made, register.of(all[7]!)?.convicted], [8, 2, 5])
  }
})

test('links make the same sets in any order, with one name for each set of three or more', () => {
  const links = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 40 })
  fc.assert(
    fc.property(links, (all) => {
      const [one, register] = linked(20, all)
      const [other, backwards] = linked(20, all.toReversed())
      const names = new Set<string>()
      for (let a = 0; a < 20; a++) {
        assert.equal(register.sizeOf(one[a]!), backwards.sizeOf(other[a]!))
        assert.equal(register.of(one[a]!) === null, register.sizeOf(one[a]!) < 3)
        if (register.of(one[a]!) !== null) names.add(register.of(one[a]!)!.id)
        for (let b = 0; b < 20; b++) {
          const together = register.of(one[a]!) !== null && register.of(one[a]!) === register.of(one[b]!)
          const there = backwards.of(other[a]!) !== null && backwards.of(other[a]!) === backwards.of(other[b]!)
          assert.equal(together, there)
        }
      }
      assert.ok(names.size <= register.made)
    }),
  )
})

test('a member keeps its campaign’s name as long as that campaign is not joined to an older one', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 40 }), (all) => {
      const one = members(15)
      const register = new CampaignRegister()
      const detected = new Map<Member, number>()
      for (const [i, [a, b]] of all.entries()) {
        register.link(one[a]!, one[b]!, i)
        for (const member of one) {
          const campaign = register.of(member)
          if (campaign === null) {
            assert.equal(detected.has(member), false, 'a campaign was lost')
            continue
          }
          assert.ok(campaign.detectedMs <= (detected.get(member) ?? Infinity))
          detected.set(member, campaign.detectedMs)
        }
      }
    }),
  )
})

test('a chain of a hundred thousand is one campaign, and finding it takes no stack', () => {
  const all = members(100_000)
  const register = new CampaignRegister()
  for (let i = 1; i < all.length; i++) register.link(all[i]!, all[i - 1]!, i)
  assert.equal(register.sizeOf(all[0]!), 100_000)
  assert.equal(register.of(all[99_999]!)?.id, 'c-0-1')
})

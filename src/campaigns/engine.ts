import type { FormPanel } from '../core/calibration.ts'
import type { Observation } from '../core/observation.ts'
import { contentEvidence, TEMPLATE_POINTS } from './content.ts'
import { FormBook, type FormBookState, kindOf, scoreOf } from './form-book.ts'
import { InfraBook, type InfraBookState } from './infrastructure.ts'
import { KeyIndex, type KeyIndexState } from './key-index.ts'
import { CLASSES, isShared, KEYS_EACH, keyOf, matchKeys, sayingsOf } from './match.ts'
import { MatchRates, type MatchRatesState } from './match-rates.ts'
import { type Member, noScores } from './member.ts'
import { Members, type MembersState } from './members.ts'
import { CampaignRegister, type RegisterState } from './register.ts'
import { Stops, type StopState, type Succeeded } from './stops.ts'
import { FORM_WINDOW, RING, type Trace } from './trace.ts'

/**
 * The room of evidence across accounts: what a prompt shares with other accounts' prompts, and what its account is worth
 * suspecting for. It knows accounts by numbers and prompts by keyed hashes; who they are, how likely an honest account is
 * to score as much, and what is done about it is for others.
 */
export interface EngineOptions {
  readonly panel: FormPanel
  /** For each kind of form cell in an observation whether it means the same in every language. */
  readonly kinds: readonly boolean[]
  /** A power of two: keys that are remembered. */
  readonly slots: number
  /** Secret to this deployment. */
  readonly seed: number
}

export interface EngineState {
  readonly prompts: number
  readonly index: KeyIndexState
  readonly forms: FormBookState
  readonly rates: MatchRatesState
  readonly infra: InfraBookState
  readonly register: RegisterState
  readonly stops: readonly StopState[]
  readonly inCell: readonly (readonly [number, number])[]
  readonly members: MembersState
}

const HOUR_MS = 3_600_000

/** Prompts are matched anew at these ages: a template's second user is only seen when the third has come. */
const AGES = [4, 14]
/** An account with more than this share of its prompts in its own frame has a form by its trade, not by a work list. */
const NARROW = 0.4
const ALIKE = 0.3
/** Own evidence from which an account counts as a suspect. */
const SUSPECT = 7
/** And from which its infrastructure counts as that of suspects. */
const STRONG = 10
const FORM_WEIGHT = 1.5
/** Form alone is never enough: a kind of honest user that no calibration knows has a form of its own, too. */
const FORM_ALONE = 11
const FORM_LINKS = 4
/** Below this much of its own an account is not measured by its infrastructure, and never by more than so many times that. */
const OWN_LEAST = 2
const OWN_TIMES = 3

export class CampaignEngine {
  readonly members: Members = new Members()
  readonly #index: KeyIndex
  readonly #forms: FormBook
  readonly rates: MatchRates = new MatchRates()
  readonly #met = new Uint8Array(CLASSES)
  readonly #infra = new InfraBook()
  readonly #kinds: readonly boolean[]
  readonly register: CampaignRegister = new CampaignRegister()
  readonly #stops = new Stops()
  /** For each hot cell, one of the suspects that are in it. */
  readonly #inCell = new Map<number, number>()
  #prompts = 0
  #nowMs = 0
  readonly #isSuspected = (account: number): boolean => this.members.isSuspected(account)
  /** Of one prompt at a time, and of one account. */
  readonly #keys = new Uint32Array(KEYS_EACH)
  readonly #heat: Float64Array

  constructor({ panel, kinds, slots, seed }: EngineOptions) {
    this.#index = new KeyIndex({ slots, seed })
    this.#forms = new FormBook(panel, kinds.length)
    this.#kinds = kinds
    this.#heat = new Float64Array(kinds.length)
  }

  /** A new account. */
  join(infra: Uint32Array): Member {
    const member = this.members.join(infra)
    this.#infra.join(member)
    return member
  }

  /** Takes in a prompt of a person's (or of what stands for one) and weighs its account anew. */
  observe(member: Member, seen: Observation, timeMs: number): void {
    const { trace } = member
    const hour = Math.floor(timeMs / HOUR_MS)
    this.#nowMs = timeMs
    const sayings = sayingsOf(seen.text, seen.content)
    const place = trace.push(seen.keys, sayings)
    const likeness = trace.likeness(place)
    member.narrow += ((likeness > ALIKE ? 1 : 0) - member.narrow) / Math.min(12, trace.prompts)
    this.#match(member, place)
    for (const age of AGES) if (trace.prompts > age) this.#match(member, (trace.prompts - 1 - age) % RING)
    for (let which = 0; which < KEYS_EACH; which++) {
      const key = seen.keys[which]!
      if (key !== 0) this.#index.add(keyOf(which, key), member.number, hour)
    }
    for (const saying of sayings) if (saying !== 0) this.#index.add(saying, member.number, hour)
    this.#prompts++
    if (!trace.isPlain(place) && likeness <= ALIKE) this.#form(member, seen.cells)
    this.#weigh(member)
  }

  #match(member: Member, place: number): void {
    const { trace, number } = member
    trace.copyKeys(place, this.#keys)
    const match = matchKeys(this.#keys, this.#index, trace, this.#prompts, this.#isSuspected)
    const plain = match.points > 0 && isShared(trace.sayingsIn(place), match, this.#index, number, this.#prompts)
    trace.mark(place, Math.round(match.points * 100), Math.round(match.shade * 100), plain)
    if (member.suspected && match.suspect >= 0 && match.points >= TEMPLATE_POINTS && !plain)
      this.register.link(member, { number: match.suspect }, this.#nowMs)
  }

  #form({ trace, narrow }: Member, cells: Uint32Array): void {
    const first = trace.formWindow === 0
    trace.formPrompts++
    if (first && trace.formPrompts === FORM_WINDOW / 2) this.#forms.accounts++
    for (const cell of cells) {
      if (cell === 0) continue
      const count = trace.countCell(cell)
      if (trace.hasHeat(this.#forms.version)) {
        const one = this.#forms.heat(cell)
        if (one > 0) trace.addHeat(kindOf(cell), scoreOf(count, one) - scoreOf(count - 1, one))
      }
      if (first && narrow < NARROW) this.#forms.reached(cell, count)
    }
    if (trace.formPrompts >= FORM_WINDOW) trace.turnWindow()
  }

  #weigh(member: Member): void {
    const { evidence: content, copied, shade } = contentEvidence(member.trace, this.rates, this.#met)
    const form = this.#formEvidence(member) * (1 - copied) ** 2
    const own = content + Math.min(FORM_WEIGHT * form, FORM_ALONE + content)
    const { evidence, client } = this.#infra.evidence(member)
    const infrastructure = own < OWN_LEAST ? 0 : Math.min(OWN_TIMES * own, evidence)
    member.scores = { content, form, infrastructure, client, total: own + infrastructure }
    if (own >= SUSPECT) this.suspect(member)
    this.rates.note(member, this.#met, shade)
    if (own >= STRONG && !member.strong) {
      member.strong = true
      this.#infra.suspect(member)
    }
    if (member.suspected && form >= FORM_LINKS) this.#linkByForm(member)
  }

  /** From now on others are measured by this account. */
  suspect(member: Member): void {
    if (member.suspected) return
    member.suspected = true
    this.rates.withdraw(member)
    for (let place = 0; place < member.trace.held; place++) this.#match(member, place)
  }

  /** An account was asked, or one that was is seen again. */
  stopped(member: Member): void {
    this.#stops.note(member, this.#nowMs)
  }

  /** Two accounts belong together. */
  link(one: Member, other: Member): void {
    this.register.link(one, other, this.#nowMs)
  }

  /** Whose successor a newcomer is; null: nobody's. */
  succeeded(member: Member, firstMs: number): Succeeded | null {
    return this.#stops.succeeded(member, firstMs, this.#index, this.members.size)
  }

  /** Begins anew with an account: what it has sent so far counts no more for it, and others are not measured by it. */
  restart(member: Member): void {
    member.trace.clear()
    member.scores = noScores
    member.suspected = false
  }

  #linkByForm(member: Member): void {
    member.trace.eachCell((cell, count) => {
      if (count < 3 || this.#forms.heat(cell) === 0) return
      const other = this.#inCell.get(cell)
      if (other === undefined) this.#inCell.set(cell, member.number)
      else this.register.link(member, { number: other }, this.#nowMs)
    })
  }

  /** For each kind, the heat of the cells of this window; worked out anew only when a cell has become hot or hotter. */
  #heatOf(trace: Trace): Float64Array {
    if (!trace.hasHeat(this.#forms.version)) {
      trace.startHeat(this.#forms.version)
      trace.eachCell((cell, count) => {
        const one = this.#forms.heat(cell)
        if (one > 0) trace.addHeat(kindOf(cell), scoreOf(count, one))
      })
    }
    for (let kind = 0; kind < this.#heat.length; kind++) this.#heat[kind] = trace.heatOf(kind)
    return this.#heat
  }

  #formEvidence({ trace, narrow }: Member): number {
    if (narrow >= NARROW || this.#forms.hotCells === 0) return 0
    const heat = this.#heatOf(trace)
    let first = 0
    let second = 0
    for (let kind = 0; kind < heat.length; kind++) {
      const weight = this.#forms.weight(kind, heat[kind]!)
      if (weight > first && this.#kinds[kind]!) {
        second = Math.max(second, first)
        first = weight
      } else if (weight > second) second = weight
    }
    // A language that the calibration does not know makes cells of its kinds hot by itself; so they only confirm.
    second = Math.min(first, second)
    // Kinds of cells are read off the same prompts: the second adds half.
    trace.formTop = Math.max(trace.formTop, first + second / 2)
    return trace.formTop
  }

  save(): EngineState {
    return {
      prompts: this.#prompts,
      index: this.#index.save(),
      forms: this.#forms.save(),
      rates: this.rates.save(),
      infra: this.#infra.save(),
      register: this.register.save(),
      stops: this.#stops.save(),
      inCell: [...this.#inCell],
      members: this.members.save(),
    }
  }

  /** Takes up what was saved, in an engine that has seen nothing; false where its accounts are laid out in another way. */
  load(state: EngineState): boolean {
    if (!this.members.load(state.members)) return false
    this.#prompts = state.prompts
    this.#index.load(state.index)
    this.#forms.load(state.forms)
    this.rates.load(state.rates)
    this.#infra.load(state.infra)
    this.register.load(state.register)
    this.#stops.load(state.stops)
    for (const [cell, number] of state.inCell) this.#inCell.set(cell, number)
    return true
  }
}

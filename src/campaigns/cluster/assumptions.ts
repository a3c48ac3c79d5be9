/**
 * What is assumed of honest groups: the numbers that the nulls of the cluster tests rest on. Each is chosen on the side
 * that costs power: honest groups may be this related, and this even, before anything counts against them.
 */

/**
 * How related honest accounts are that were put together by what they send: two of them share a client, a network or a
 * reason to act together with probability 1 / (KIN + 1), beyond chance. The spread of a Dirichlet or beta law.
 */
export const KIN = 20

/**
 * What many have, those of one trade have more often: a value of share s up to s (1 + TRADE s) of them. A program that a
 * tenth of all accounts use, a third; one that a quarter use, all.
 */
export const TRADE = 20

/**
 * How even honest users are in one hour: shape of the gamma law of their rates, 4: a standard deviation of half the mean.
 * Recorded traffic is never that even: ten API clients of like size .64 (1st percentile of hours), all clients 1.4, people in
 * a chat room that are present in that hour .54.
 */
export const EVENNESS = 4

/**
 * How far the day of a group may be from the population's: spreads of a Dirichlet law, all of them honest, from a handful
 * of people who each keep a few hours to a crowd.
 */
export const DAY_SPREADS: readonly number[] = [10, 60, 400]
/** Share of honest API accounts that run around the clock; 10 to 30 % in recorded traffic. */
export const AROUND_THE_CLOCK = 0.2

/** How tightly the answers of honest users scatter about what is common to their group, at most: Dirichlet spread. */
export const ANSWER_SPREAD = 30

/** Honest groups may share texts at half of the rate that is expected of them. */
export const SHARED_TEXTS = 0.5
/** How sure an expected number of shared texts is: shape of the gamma law of the true one about it. */
export const EXPECTED_SHAPE = 4

/** More starts after a stop than before it, by chance: half of the times, and a margin for the slope of the morning. */
export const AFTER = 0.55

/** Of accounts between 80 and 100 % of a limit, those above 90 %: under a falling density less than half. */
export const NEAR_LIMIT = 0.55

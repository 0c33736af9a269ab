/** What a fund does with transfers that are still to be paid when the minimum wage rises. What was promised is never lowered by either. */
export const valuePolicies = ['freeze', 'raise_only'] as const;
export type ValuePolicy = (typeof valuePolicies)[number];

/** Why somebody else declines it that a fund does something else. */
export const policyDeclineReasons = ['donor-does-not-agree', 'fund-too-small', 'wrong-policy', 'out-of-date'] as const;
export type PolicyDeclineReason = (typeof policyDeclineReasons)[number];

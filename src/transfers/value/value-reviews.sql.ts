/** The set-based statements behind value reviews. */

/**
 * $1 fund, $2 country: transfers of approved enrolments that are valued by a wage, of which there is a newer one by their due day, and what the client
 * gets for each. Nobody who is erased.
 */
export const OWED_IN_FUND = `
  select o.id, e.id enrolment, s.region, o.due_on::text "dueOn", v.total_minor::text total
  from payments.obligation o join payments.instalment_value v on v.obligation_id = o.id
  join payments.enrolment e on e.id = o.enrolment_id and e.approved_at is not null and e.cancelled_at is null
  join payments.wage_rate pinned on pinned.id = e.wage_rate_id
  join casework.client s on s.id = o.client_id and s.erased_at is null
  where o.fund_id = $1 and e.country = $2 and o.state <> 'cancelled'
    and exists (select from payments.wage_rate w where w.country = e.country and w.effective_from <= o.due_on
                and (pinned.country <> w.country or (w.effective_from, w.known_from, w.id) > (pinned.effective_from, pinned.known_from, pinned.id)))
    and not exists (select from payments.giving_up g where g.obligation_id = o.id)`;

/** $3 wage: where a fund freezes what was approved, those of which an approved review said so are not looked at again. */
export const NOT_REVIEWED = `
  and not exists (select from payments.value_review_item i join payments.value_review_decision d on d.review_id = i.review_id and d.decision = 'approve'
                  where i.obligation_id = o.id and i.wage_rate_id = $3)`;

export const INSERT_ITEMS = `
  insert into payments.value_review_item (review_id, obligation_id, wage_rate_id, from_minor, to_minor, top_up_id)
  select $1, obligation_id, $2, from_minor, to_minor, top_up_id
  from unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::uuid[]) as item(obligation_id, from_minor, to_minor, top_up_id)`;

/**
 * What becomes, or became, of an item. `raise`: the transfer itself is worth more. `top-up`: it is in a run, sent or paid, and the difference is paid
 * beside it. `keep`: the fund freezes it. `none`: it was cancelled, or the client is erased.
 */
export const ITEM_ACT = `
  case when i.difference_minor = 0 then 'keep'
       when exists (select from payments.value_change c where c.review_id = i.review_id and c.obligation_id = i.obligation_id) then 'raise'
       when exists (select from payments.obligation t where t.id = i.top_up_id) then 'top-up'
       when d.decision = 'approve' or o.state = 'cancelled' then 'none'
       when v.may_rise then 'raise' else 'top-up' end`;

/** $1 ids or null, $2 at most: newest first, with what they come to by act. */
export const REVIEWS = `
  select r.id, f.code fund, r.fund_id "fundId", f.currency, r.policy, r.worth_minor::text worth, r.derivation wage, r.wage_rate_id::text "wageRate",
         r.left_out "leftOut", r.proposed_by "proposedById", p.display_name "proposedBy", r.proposed_at "proposedAt",
         case d.decision when 'approve' then 'approved' when 'decline' then 'declined' else 'open' end state,
         u.display_name "decidedBy", d.decided_at "decidedAt",
         (select count(distinct o.enrolment_id)::int from payments.value_review_item i join payments.obligation o on o.id = i.obligation_id
          where i.review_id = r.id) enrolments,
         coalesce((select jsonb_object_agg(act, sums) from (
           select act, jsonb_build_object('count', count(*), 'amount', sum(difference_minor)::text) sums
           from (select ${ITEM_ACT} act, i.difference_minor from payments.value_review_item i join payments.obligation o on o.id = i.obligation_id
                 join payments.instalment_value v on v.obligation_id = o.id where i.review_id = r.id) acted group by act) by_act), '{}') acts
  from payments.value_review r join payments.fund f on f.id = r.fund_id join access.app_user p on p.id = r.proposed_by
  left join payments.value_review_decision d on d.review_id = r.id left join access.app_user u on u.id = d.decided_by
  where $1::uuid[] is null or r.id = any ($1) order by r.proposed_at desc, r.id desc limit $2`;

/** $1 review, $2 after which transfer or null, $3 at most. */
export const ITEMS = `
  select i.obligation_id transfer, c.code client, o.enrolment_id enrolment, o.instalment, o.due_on::text "dueOn", o.state,
         i.from_minor::text "from", i.to_minor::text "to", i.difference_minor::text difference, ${ITEM_ACT} act
  from payments.value_review_item i join payments.obligation o on o.id = i.obligation_id join casework.client c on c.id = o.client_id
  join payments.instalment_value v on v.obligation_id = o.id left join payments.value_review_decision d on d.review_id = i.review_id
  where i.review_id = $1 and ($2::uuid is null or i.obligation_id > $2) order by i.obligation_id limit $3`;

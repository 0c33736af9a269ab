/** The questions of the caseload. Each begins with the clients within reach, and goes from there by indexes of one client's rows. */
import { attentionKinds } from './attention.js';

/** Months after the first payment at which somebody asks how the client fares; the national schemes do so after 3, 6 and 12. */
const FOLLOW_UP_MONTHS = [3, 6, 12];

/**
 * $1 the team, or null for the clients of $2 alone; $2 who asks; $3 today. A follow-up is due when the day that was agreed last has come,
 * or, where none was agreed, a day of the months above, and nobody has talked with the client since.
 */
const LOOKED_AT = `
  reach as (
    select c.id, c.code, c.cohort, c.country, u.id caseworker_id, u.display_name caseworker
    from access.app_user u join casework.client c on c.caseworker_id = u.id and c.erased_at is null
    where case when $1::uuid is null then u.id = $2::uuid else u.team_id = $1::uuid end
  ),
  looked_at as (
    select r.*, paid.is_unknown, paid.has_not_arrived, agreed.next_on, marked.mark, talked.on_day,
           exists (select from casework.interview_draft d where d.client_id = r.id and d.user_id = $2::uuid) has_draft,
           not exists (select from casework.needs_assessment a where a.client_id = r.id) is_not_interviewed,
           exists (select from casework.plan_replacement one join casework.plan_replacement other
                     on other.replaces_id = one.replaces_id and other.plan_id > one.plan_id
                   where one.client_id = r.id
                     and not exists (select from casework.plan_replacement later where later.replaces_id in (one.plan_id, other.plan_id))) has_two_versions
    from reach r
    cross join lateral (
      select coalesce(bool_or(o.state = 'unknown'), false) is_unknown,
             coalesce(bool_or(o.state in ('failed', 'returned', 'reversed')), false) has_not_arrived, min(o.settled_on) first_paid
      from payments.obligation o where o.client_id = r.id and o.cancelled_at is null) paid
    left join lateral (
      select n.next_on from casework.case_note n
      where n.client_id = r.id and not exists (select from casework.case_note c where c.corrects = n.id)
      order by n.happened_on desc, n.seq desc limit 1) agreed on true
    cross join lateral (
      select greatest(
        (select max(n.happened_on) from casework.case_note n where n.client_id = r.id),
        (select max(k.happened_on) from casework.contact k where k.client_id = r.id and k.outcome = 'reached'),
        (select max(a.assessed_on) from casework.needs_assessment a where a.client_id = r.id),
        (select max(t.told_on) from casework.spending_plan p join casework.plan_tracking t on t.plan_id = p.id where p.client_id = r.id)
      ) on_day) talked
    cross join lateral (
      select max(mark) mark from (select (paid.first_paid + months * interval '1 month')::date mark from unnest('{${FOLLOW_UP_MONTHS.join()}}'::int[]) months) marks
      where mark <= $3::date) marked
  ),
  judged as (
    select l.id, l.code, l.cohort, l.country, l.caseworker_id, l.caseworker,
           l.is_unknown "is payment-unknown", l.has_not_arrived "is payment-not-arrived", l.has_draft "is form-waiting",
           l.has_two_versions "is plan-in-two-versions", l.is_not_interviewed "is no-interview",
           due.day "followUpOn", due.day is not null "is follow-up-due"
    from looked_at l
    cross join lateral (
      select case when l.next_on > $3::date then null else greatest(l.next_on, l.mark) end as day) wanted
    cross join lateral (select case when l.on_day is null or l.on_day < wanted.day then wanted.day end as day) due
  )`;

const URGENCY = `case ${attentionKinds.map((kind, place) => `when "is ${kind}" then ${place + 1}`).join(' ')} else 9 end`;

/** $4 to $6 the last row of the page before, $7 how many. The longest due comes first. */
export const CASELOAD = `
  with ${LOOKED_AT},
  ordered as (select *, ${URGENCY} urgency, coalesce("followUpOn"::text, '') since from judged)
  select code, cohort, country, caseworker, "followUpOn"::text, urgency, ${attentionKinds.map((kind) => `"is ${kind}"`).join(', ')}
  from ordered where (urgency, since, code) > ($4::int, $5::text, $6::text)
  order by urgency, since, code limit $7`;

export const TEAM_LOAD = `
  with ${LOOKED_AT}
  select u.id, u.display_name name, count(j.id)::int clients,
         count(*) filter (where j."followUpOn" < $3::date - 7)::int overdue,
         ${attentionKinds.map((kind) => `count(*) filter (where j."is ${kind}")::int "${kind}"`).join(', ')}
  from access.app_user u left join judged j on j.caseworker_id = u.id
  where u.team_id = $1::uuid and u.kind = 'person'
    and (j.id is not null or (u.disabled_at is null and exists (select from access.user_role r where r.user_id = u.id and r.role in ('caseworker', 'supervisor'))))
    and $2::uuid is not null
  group by u.id, u.display_name order by u.display_name, u.id`;

-- Four rails: cash from hand to hand, a file that a bank takes, mobile money, and a person who acts in a banking app. The client chooses one and
-- consents to it; see docs/decisions/0015.
set local role uct_owner;

alter table payments.enrolment drop constraint enrolment_rail_check,
  add constraint enrolment_rail_check check (rail in ('cash', 'bank-file', 'mobile-money', 'manual'));
alter table payments.attempt drop constraint attempt_rail_check,
  add constraint attempt_rail_check check (rail in ('cash', 'bank-file', 'mobile-money', 'manual'));
alter table casework.consent drop constraint consent_party_where_there_is_one,
  add constraint consent_party_where_there_is_one check (party is null or purpose = 'share'
    or (purpose = 'be-paid' and party in ('cash', 'bank-file', 'mobile-money', 'manual')));

-- As in 0019, by four rails. The outer join, though there always is a caseworker, keeps the few users of a never-analyzed table from leading the join
-- of many clients, and is dropped where nobody asks for the team.
create or replace view casework.payment_standing as
select c.id client_id, c.country, c.region, c.caseworker_id, c.age_band <> 'adult' presumed_child, c.guardian_on_record,
       asked.rails <> '{}' consents_to_be_paid, u.team_id caseworker_team_id, asked.rails rails_consented,
       case when c.age_band = 'adult' or c.guardian_on_record then asked.rails else '{}' end payable_by
from casework.client c left join access.app_user u on u.id = c.caseworker_id
cross join lateral (
  select case when c.erased_at is null and (select word from casework.latest_word(c.id, 'hold-data', null) word)
              then array(select rail from unnest(array['cash', 'bank-file', 'mobile-money', 'manual']) rail
                         where (select word from casework.latest_word(c.id, 'be-paid', rail) word))
              else '{}' end rails
  offset 0) asked;   -- worked out once for each client

-- Funds that were opened before have the new clearing accounts too.
select ledger.open_account(a.fund_id, a.currency, 'clearing', rail.rail)
from ledger.account a cross join (values ('bank-file'), ('mobile-money')) rail(rail) where a.kind = 'bank';

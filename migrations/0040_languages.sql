-- In which language somebody reads the pages, on whatever device they sign in.
set local role uct_owner;

-- "th", "th.digits", "th.digits.years": with digits of the script itself, and with years of the Buddhist era. Null until somebody chooses.
alter table access.app_user
  add column language text check (language ~ '^(en|th|my|lo|km|vi)(\.digits)?(\.years)?$');
grant update (language) on access.app_user to uct_service;

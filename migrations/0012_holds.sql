-- A redemption's later life. What is held is `points` while its status is `held`, and what was captured is `points`
-- less `released` after it; points come back in the opposite order of taking, so that the lots of each part follow
-- from `lots`. `expires_at` is when a hold lapses; null: it was redeemed at once.
alter table redemption add column status text not null default 'captured'
  check (status in ('held', 'captured', 'voided', 'lapsed', 'refunded'));
alter table redemption add column expires_at timestamptz(3);
alter table redemption add column released bigint not null default 0 check (released between 0 and points);
alter table redemption add column refunded bigint not null default 0 check (refunded between 0 and points - released);

-- Points spent as money: by which burn rule, and what they pay. Null: the engine does not know what they pay.
alter table redemption add column burn json;

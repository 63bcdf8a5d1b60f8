-- A guest's purchase becomes a member's: its row moves to `purchase`, the ids of it and of its returns lead to the member,
-- and its returns say what they took; nothing else of them changes. Whoever claims it or takes a return of it locks the
-- guest's row first, which is all that the right to update it is for.
grant update (identity_hash), delete on guest_purchase to tessera_service;
grant update (member_id, ordinal) on operation_reference to tessera_service;
grant update (member_id, ordinal, taken) on purchase_return to tessera_service;

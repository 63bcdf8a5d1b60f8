-- A guest's purchase becomes a member's: its row moves to `purchase`, the ids of it and of its returns lead to the member,
-- and its returns say what they took. Whoever claims it or takes a return of it locks the guest's row first.
grant update, delete on guest_purchase to tessera_service;
grant update on operation_reference, purchase_return to tessera_service;

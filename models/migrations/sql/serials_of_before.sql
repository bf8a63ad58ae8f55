-- What an earlier system tells of lots with serial numbers is kept as it tells it: it names no number for each piece that
-- was used.  The act itself asks for the numbers of such lots from now on.

create or replace function serials_consumed() returns trigger language plpgsql as $$
begin
  if exists (select from lot l join item i on i.id = l.item_id where l.id = new.lot_id and i.serial_on_label
                and l.origin = 'native'
                and l.pack_size * new.quantity <> (select count(*) from serial_unit u where u.left_by_id = new.id)) then
    raise exception 'lot % is used by serial number only', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW134';
  end if;
  return null;
end $$;

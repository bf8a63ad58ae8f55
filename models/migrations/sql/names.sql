-- Names in two languages: `name` as the plant writes it, `name_en` as an English reader reads it.
-- Nothing where nobody has said one: then the plant's own is shown.

alter table item add column name_en text;
alter table supplier add column name_en text;
alter table customer add column name_en text;
alter table location add column name_en text;
alter table equipment add column name_en text;
alter table person add column name_en text;
alter table site add column name_en text;
alter table inspection_plan add column title_en text;

-- Of two names the reader's.  Only a session that reads for somebody says a language; acts, and whatever is signed, don't:
-- there a name is as the plant writes it.
create function said(zh text, en text) returns text language sql stable parallel safe as $$
  select case when current_setting('bw.language', true) = 'en' then coalesce(nullif(en, ''), zh) else zh end
$$;

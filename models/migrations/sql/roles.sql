-- What a role is called and permits is data (DESIGN 8): the roles that are shipped begin with what they permitted as code, and who
-- holds which stays as it was.

select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),
       set_config('bw.source', 'migration', true), set_config('bw.reason', 'roles are data', true);

insert into role (key, zh, en, duty, quality, shipped, permissions) values
  ('operator', '操作员', 'Operator', 'business', false, true,
   array['attachment.add', 'lot.hold', 'lot.link.correct', 'operation.record', 'record.read', 'serial.register',
     'unit.pack']),
  ('inspector', '检验员', 'Inspector', 'business', true, true,
   array['attachment.add', 'inspection.record', 'lot.dispose', 'lot.hold', 'record.read']),
  ('warehouse', '仓管员', 'Warehouse', 'business', false, true,
   array['attachment.add', 'lot.hold', 'lot.receive', 'lot.reshape', 'record.read', 'return.book', 'serial.register',
     'shipment.create', 'stock.move', 'unit.pack']),
  ('qa_reviewer', '质量审核员', 'QA reviewer', 'business', true, true,
   array['attachment.add', 'audit.read', 'lot.dispose', 'lot.hold', 'lot.lift', 'lot.link.correct', 'record.read',
     'release.sign', 'return.dispose']),
  ('qa_approver', '质量批准人', 'QA approver', 'business', true, true,
   array['attachment.add', 'audit.read', 'lot.dispose', 'lot.hold', 'lot.lift', 'lot.link.correct', 'record.read',
     'release.sign', 'return.dispose']),
  ('quality_manager', '质量经理', 'Quality manager', 'business', true, true,
   array['attachment.add', 'audit.read', 'inspection_plan.write', 'lot.dispose', 'lot.hold', 'lot.lift',
     'lot.link.correct', 'lot.reshape', 'people.hand_over', 'qualification.write', 'record.read', 'release.sign',
     'return.dispose', 'serial.register', 'task.reassign', 'trace.check']),
  ('process_owner', '流程负责人', 'Process owner', 'business', false, true,
   array['attachment.add', 'definition.write', 'equipment.write', 'item.write', 'partner.write', 'record.read',
     'work_order.create']),
  ('recall_coordinator', '召回协调员', 'Recall coordinator', 'business', true, true,
   array['attachment.add', 'audit.read', 'lot.hold', 'recall.run', 'record.read', 'return.book', 'trace.check']),
  ('sales', '销售', 'Sales', 'business', false, true,
   array['attachment.add', 'record.read']),
  ('after_sales', '售后', 'After-sales', 'business', false, true,
   array['attachment.add', 'lot.hold', 'record.read', 'return.book']),
  ('supplier_quality', '供应商质量工程师', 'Supplier quality', 'business', false, true,
   array['attachment.add', 'lot.hold', 'partner.write', 'record.read']),
  ('equipment', '设备管理员', 'Equipment', 'business', false, true,
   array['attachment.add', 'equipment.write', 'record.read']),
  ('documents', '文件管理员', 'Documents', 'business', false, true,
   array['attachment.add', 'record.read']),
  ('training', '培训管理员', 'Training', 'business', false, true,
   array['attachment.add', 'qualification.write', 'record.read']),
  ('auditor', '审计员', 'Auditor', 'audit', false, true,
   array['audit.read', 'record.read']),
  ('administrator', '系统管理员', 'Administrator', 'administration', false, true,
   array['audit.read', 'fault.settle', 'people.hand_over', 'people.write', 'record.read']);

-- A role that only the record knew permitted nothing, and goes on so.
insert into role (key, zh, en, active)
select distinct g.role, g.role, g.role, false from role_grant g where not exists (select from role r where r.key = g.role);
insert into role (key, zh, en, active)
select distinct o.role, o.role, o.role, false from owner_rule o
 where o.role is not null and not exists (select from role r where r.key = o.role);

alter table role_grant add constraint fk_role_grant_role foreign key (role) references role (key);
alter table owner_rule add constraint fk_owner_rule_role foreign key (role) references role (key);

-- One state of all roles, told from any other; whoever comes in brings it along, so that names are read again when they change.
create function roles_digest() returns text language sql stable as $$
  select md5(coalesce(string_agg(concat_ws('|', r.key, r.zh, r.en, array_to_string(r.permissions, ','), r.duty, r.quality, r.active,
                                           r.version), E'\n' order by r.key collate "C"), '')) from role r
$$;

-- What a person may do now: a role that was set inactive permits nothing.
create function permits(person bigint) returns text[] language sql stable as $$
  select coalesce(array_agg(distinct one order by one), '{}')
    from role_grant g join role r on r.key = g.role and r.active cross join unnest(r.permissions) one
   where g.person_id = person and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())
$$;

-- Who has certified identity and may hand over a half.
create or replace function handing_over() returns bigint language sql stable as $$
  select count(distinct p.id) from person p join account a on a.person_id = p.id
   where p.active and not a.disabled and a.own_since is not null and 'people.hand_over' = any(permits(p.id))
$$;

create trigger reason_wall before update on role for each row
  execute function reason_wall('zh', 'en', 'permissions', 'quality', 'active');
create trigger reason_wall_given before insert on role for each row execute function reason_wall();
create trigger worker_writes_none before insert or update or delete on role
  for each statement execute function worker_has_no_say();

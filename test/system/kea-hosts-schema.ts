// The tables of Kea that hold reservations, in the versions that differ, without all that has
// nothing to do with them: for tests, of which a real Kea reads the same rows.

export type HostSchemaVersion = '13.0' | '34.0'

const IDENTIFIER_TYPES = ['hw-address', 'duid', 'circuit-id', 'client-id', 'flex-id']

const KINDS = IDENTIFIER_TYPES.map((name, type) => `(${type}, '${name}')`).join(', ')

/** In PostgreSQL. */
export function postgresHosts(version: HostSchemaVersion): string {
  const isNew = version === '34.0'
  const options = (table: string, code: string, subnet: string) => `
    create table ${table} (
      option_id serial primary key, code ${code} not null, value bytea, formatted_value text,
      space varchar(128), persistent boolean not null default false,
      ${isNew ? "cancelled boolean not null default false, client_classes text not null default ''," : ''}
      dhcp_client_class varchar(128), ${subnet} bigint,
      host_id int references hosts (host_id) on delete cascade, scope_id smallint not null,
      user_context text, shared_network_name varchar(128), pool_id bigint,
      modification_ts timestamptz not null default current_timestamp);
    create index on ${table} (host_id);`
  return `
    create table schema_version (version int primary key, minor int);
    insert into schema_version values (${version.replace('.', ', ')});
    create table host_identifier_type (type smallint primary key, name varchar(32));
    insert into host_identifier_type values ${KINDS};
    create table hosts (
      host_id serial primary key, dhcp_identifier bytea not null,
      dhcp_identifier_type smallint not null references host_identifier_type (type),
      dhcp4_subnet_id bigint, dhcp6_subnet_id bigint, ipv4_address bigint, hostname varchar(255),
      dhcp4_client_classes varchar(255), dhcp6_client_classes varchar(255),
      dhcp4_next_server bigint, dhcp4_server_hostname varchar(64),
      dhcp4_boot_file_name varchar(128), user_context text, auth_key varchar(32));
    create unique index on hosts (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id)
      where dhcp4_subnet_id is not null;
    create unique index on hosts (dhcp_identifier, dhcp_identifier_type, dhcp6_subnet_id)
      where dhcp6_subnet_id is not null;
    create index on hosts (ipv4_address, dhcp4_subnet_id);
    create table ipv6_reservations (
      reservation_id serial primary key, address ${isNew ? 'inet' : 'varchar(39)'} not null,
      prefix_len smallint not null default 128, type smallint not null default 0, dhcp6_iaid int,
      host_id int not null references hosts (host_id) on delete cascade
      ${isNew ? ', excluded_prefix inet, excluded_prefix_len smallint not null default 0' : ''});
    create index on ipv6_reservations (host_id);
    create index on ipv6_reservations (address, prefix_len);
    ${options('dhcp4_options', 'smallint', 'dhcp4_subnet_id')}
    ${options('dhcp6_options', 'int', 'dhcp6_subnet_id')}`
}

/** In MySQL, where the versions are counted one higher: 14.0 and 35.0. */
export function mysqlHosts(version: HostSchemaVersion): string {
  const isNew = version === '34.0'
  const options = (table: string, code: string, subnet: string) => `
    create table ${table} (
      option_id bigint unsigned not null auto_increment primary key, code ${code} not null,
      value blob, formatted_value text, space varchar(128), persistent tinyint(1) not null default 0,
      ${isNew ? "cancelled tinyint(1) not null default 0, client_classes longtext not null default ''," : ''}
      dhcp_client_class varchar(128), ${subnet} int unsigned, host_id int unsigned,
      scope_id tinyint unsigned not null, user_context text, shared_network_name varchar(128),
      pool_id bigint unsigned, modification_ts timestamp not null default current_timestamp,
      key (host_id),
      constraint fk_${table}_host foreign key (host_id) references hosts (host_id)
        on delete no action);`
  return `
    create table schema_version (version int primary key, minor int);
    insert into schema_version values (${isNew ? '35, 0' : '14, 0'});
    create table host_identifier_type (type tinyint primary key, name varchar(32));
    insert into host_identifier_type values ${KINDS};
    create table hosts (
      host_id int unsigned not null auto_increment primary key,
      dhcp_identifier varbinary(${isNew ? 255 : 128}) not null,
      dhcp_identifier_type tinyint not null,
      dhcp4_subnet_id int unsigned, dhcp6_subnet_id int unsigned, ipv4_address int unsigned,
      hostname varchar(255), dhcp4_client_classes varchar(255), dhcp6_client_classes varchar(255),
      dhcp4_next_server int unsigned, dhcp4_server_hostname varchar(64),
      dhcp4_boot_file_name varchar(128), user_context text, auth_key varchar(32),
      unique key (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id),
      unique key (dhcp_identifier, dhcp_identifier_type, dhcp6_subnet_id),
      key (ipv4_address, dhcp4_subnet_id),
      foreign key (dhcp_identifier_type) references host_identifier_type (type));
    create table ipv6_reservations (
      reservation_id int unsigned not null auto_increment primary key,
      address ${isNew ? 'binary(16)' : 'varchar(39)'} not null,
      prefix_len tinyint unsigned not null default 128, type tinyint unsigned not null default 0,
      dhcp6_iaid int unsigned, host_id int unsigned not null
      ${isNew ? ', excluded_prefix binary(16), excluded_prefix_len tinyint unsigned not null default 0' : ''},
      key (host_id), key (address, prefix_len),
      foreign key (host_id) references hosts (host_id) on delete cascade);
    ${options('dhcp4_options', 'tinyint unsigned', 'dhcp4_subnet_id')}
    ${options('dhcp6_options', 'smallint unsigned', 'dhcp6_subnet_id')}`
}

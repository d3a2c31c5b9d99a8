-- A database for each process and a role that owns it and nothing else. Run once, when PostgreSQL's folder is empty.
\set ON_ERROR_STOP on

\getenv relayer RELAYER_DATABASE_PASSWORD
CREATE ROLE relayer LOGIN PASSWORD :'relayer';
CREATE DATABASE relayer OWNER relayer;
REVOKE CONNECT ON DATABASE relayer FROM PUBLIC;

\getenv attester_1 ATTESTER_1_DATABASE_PASSWORD
CREATE ROLE attester_1 LOGIN PASSWORD :'attester_1';
CREATE DATABASE attester_1 OWNER attester_1;
REVOKE CONNECT ON DATABASE attester_1 FROM PUBLIC;

\getenv attester_2 ATTESTER_2_DATABASE_PASSWORD
CREATE ROLE attester_2 LOGIN PASSWORD :'attester_2';
CREATE DATABASE attester_2 OWNER attester_2;
REVOKE CONNECT ON DATABASE attester_2 FROM PUBLIC;

\getenv attester_3 ATTESTER_3_DATABASE_PASSWORD
CREATE ROLE attester_3 LOGIN PASSWORD :'attester_3';
CREATE DATABASE attester_3 OWNER attester_3;
REVOKE CONNECT ON DATABASE attester_3 FROM PUBLIC;

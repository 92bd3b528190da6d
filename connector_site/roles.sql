-- The two roles and the database of ml-connector, made once by a superuser:
--   OWNER_PASSWORD=… RUNTIME_PASSWORD=… psql -v ON_ERROR_STOP=1 -f roles.sql postgres
-- The owner changes the structure; the runtime role owns nothing and gets its rights on rows
-- from `manage.py migrate`.
\getenv owner_password OWNER_PASSWORD
\getenv runtime_password RUNTIME_PASSWORD
CREATE ROLE connector_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS
    PASSWORD :'owner_password';
CREATE ROLE connector_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS
    PASSWORD :'runtime_password';
CREATE DATABASE connector OWNER connector_owner;

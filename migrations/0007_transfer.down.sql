drop function import_session, export_session;

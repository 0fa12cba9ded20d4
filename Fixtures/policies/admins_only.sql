-- A function that answers to admins only, and to others with the HTTP status 403.
CREATE TABLE api.buckets (name text PRIMARY KEY);
ALTER TABLE api.buckets ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION api.list_buckets() RETURNS SETOF api.buckets
LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT cognito.has_role('admin') THEN
    RAISE SQLSTATE 'PT403' USING MESSAGE = 'for admins only';
  END IF;
  RETURN QUERY SELECT * FROM api.buckets ORDER BY name;
END
$$;
REVOKE ALL ON FUNCTION api.list_buckets FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.list_buckets TO authenticated;

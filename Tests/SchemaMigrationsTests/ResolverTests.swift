import Foundation
import Postgres
import TestSupport
import XCTest

/// The contracts of `cognito.resolve` and `cognito.resolve_requests`.
final class ResolverTests: XCTestCase {
  private func database() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute(
      """
      CREATE SCHEMA api;
      CREATE TABLE api.buckets (name text PRIMARY KEY);
      INSERT INTO api.buckets VALUES ('b'), ('a');
      CREATE FUNCTION api."Query_me"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql STABLE
      AS $$ SELECT jsonb_build_object('id', u.id) FROM cognito.users_live AS u WHERE u.id = cognito.current_user_id() $$;
      CREATE FUNCTION api."Query_buckets"(arguments jsonb, source jsonb) RETURNS SETOF api.buckets LANGUAGE sql STABLE
      AS $$ SELECT * FROM api.buckets ORDER BY name LIMIT (arguments ->> 'limit')::integer $$;
      CREATE FUNCTION api."Query_count"(arguments jsonb, source jsonb) RETURNS bigint LANGUAGE sql STABLE
      AS $$ SELECT count(*) FROM api.buckets $$;
      CREATE FUNCTION api."Bucket_owner"(arguments jsonb, source jsonb) RETURNS text LANGUAGE sql STABLE
      AS $$ SELECT source ->> 'name' || coalesce(arguments ->> 'suffix', '') $$;
      CREATE FUNCTION api."Mutation_addBucket"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql
      AS $$ INSERT INTO api.buckets VALUES (arguments ->> 'name') RETURNING to_jsonb(name) $$;
      CREATE FUNCTION api."Query_admins"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE
      AS $$ BEGIN RAISE SQLSTATE 'PT403' USING MESSAGE = 'for admins only'; END $$;
      CREATE FUNCTION api."Query_broken"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql STABLE
      AS $$ SELECT to_jsonb(1 / (arguments ->> 'n')::integer) $$;
      CREATE FUNCTION api."Query_wrong"(arguments text) RETURNS jsonb LANGUAGE sql AS $$ SELECT '1'::jsonb $$;
      CREATE FUNCTION public."Query_elsewhere"(arguments jsonb, source jsonb) RETURNS jsonb
      LANGUAGE sql AS $$ SELECT '1'::jsonb $$;
      """)
    return database
  }

  private func request(
    _ name: String, _ arguments: String = "{}", source: String = "null", sub: String
  ) -> String {
    let parts = name.split(separator: ".")
    return
      #"{"parent_type":"\#(parts[0])","field":"\#(parts[1])","arguments":\#(arguments),"source":\#(source),"#
      + #""claims":{"sub":"\#(sub)","iss":"https://cognito-idp.eu-central-1.amazonaws.com/\#(TestDatabase.pool)"}}"#
  }

  private func resolve(_ requests: [String], _ database: TestDatabase) throws -> [[String?]] {
    try database.query(
      "SELECT answer, error_state, error_message FROM cognito.resolve_requests($1::jsonb)",
      ["[\(requests.joined(separator: ","))]"])
  }

  func testAFieldIsAFunctionOfTheSchemaAPI() throws {
    let database = try database()
    let ada = try database.addUser("ada")
    let rows: [(request: String, answer: [String?])] = [
      (request("Query.me", sub: ada.sub), [#"{"id": "\#(ada.id)"}"#, nil, nil]),
      (
        request("Query.buckets", sub: ada.sub), [#"[{"name": "a"}, {"name": "b"}]"#, nil, nil]
      ),
      (
        request("Query.buckets", #"{"limit":1}"#, sub: ada.sub), [#"[{"name": "a"}]"#, nil, nil]
      ),
      (request("Query.buckets", #"{"limit":0}"#, sub: ada.sub), ["[]", nil, nil]),
      (request("Query.count", sub: ada.sub), ["2", nil, nil]),
      (
        request("Bucket.owner", #"{"suffix":"!"}"#, source: #"{"name":"a"}"#, sub: ada.sub),
        [#""a!""#, nil, nil]
      ),
      // NULL is the value null.
      (request("Bucket.owner", source: "{}", sub: ada.sub), [nil, nil, nil]),
      (request("Query.admins", sub: ada.sub), [nil, "PT403", "for admins only"]),
      // What the database says of itself is for nobody outside.
      (request("Query.broken", #"{"n":0}"#, sub: ada.sub), [nil, "22012", nil]),
      (request("Query.broken", #"{"n":"secret"}"#, sub: ada.sub), [nil, "22P02", nil]),
      (
        request("Query.none", sub: ada.sub),
        [nil, "PT404", "the field Query.none has no function"]
      ),
      (
        request("Query.wrong", sub: ada.sub),
        [nil, "PT404", "the field Query.wrong has no function"]
      ),
      (
        request("Query.elsewhere", sub: ada.sub),
        [nil, "PT404", "the field Query.elsewhere has no function"]
      ),
    ]
    for row in rows { XCTAssertEqual(try resolve([row.request], database), [row.answer]) }
    XCTAssertEqual(try resolve(rows.map(\.request), database), rows.map(\.answer))
    // Nothing of who was asking is left behind.
    XCTAssertEqual(try database.value("SELECT current_setting('request.jwt.claims', true)"), "")
  }

  /// That of the file's comment.
  func testTheExampleOfAField() throws {
    let database = try TestDatabase()
    let ada = try database.addUser("ada")
    try database.execute(
      "CREATE SCHEMA api; "
        + WorkedExample.text(#"CREATE FUNCTION api."Query_me"("#, in: "0011_resolvers.sql"))
    XCTAssertEqual(
      try resolve([request("Query.me", sub: ada.sub)], database),
      [[#"{"id": "\#(ada.id)", "email": "ada@example.com"}"#, nil, nil]])
  }

  func testANameThatPostgreSQLWouldCutOffIsNoFunctions() throws {
    let database = try database()
    let ada = try database.addUser("ada")
    let name = String(repeating: "a", count: 57)
    try database.execute(
      #"CREATE FUNCTION api."Query_\#(name)"(a jsonb, s jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '1'::jsonb $$"#
    )
    XCTAssertEqual(
      try resolve(
        [request("Query.\(name)", sub: ada.sub), request("Query.\(name)a", sub: ada.sub)], database
      ).map { $0[1] }, [nil, "PT404"])
  }

  func testEachOfABatchIsItsOwn() throws {
    let database = try database()
    let (ada, bob) = (try database.addUser("ada"), try database.addUser("bob"))
    let answers = try resolve(
      [
        request("Query.me", sub: ada.sub),
        request("Mutation.addBucket", #"{"name":"c"}"#, sub: ada.sub),
        // The second of one name breaks, and takes nothing with it.
        request("Mutation.addBucket", #"{"name":"c"}"#, sub: ada.sub),
        request("Query.me", sub: bob.sub), request("Query.me", sub: UUID().uuidString),
        request("Query.count", sub: ada.sub),
      ], database)
    XCTAssertEqual(
      answers.map { $0[0] },
      [#"{"id": "\#(ada.id)"}"#, #""c""#, nil, #"{"id": "\#(bob.id)"}"#, nil, "3"])
    XCTAssertEqual(answers.map { $0[1] }, [nil, nil, "23505", nil, "PT401", nil])
  }

  func testWhoIsGoneOrDisabledIsRefusedWhateverTheFunction() throws {
    let database = try database()
    let ada = try database.addUser("ada")
    for change in ["enabled = false", "enabled = true, deleted_at = now()"] {
      try database.execute("UPDATE cognito.users SET \(change)")
      XCTAssertEqual(
        try resolve([request("Query.count", sub: ada.sub)], database),
        [[nil, "PT401", "the user of this token may not act here"]], change)
    }
  }
}

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
      CREATE FUNCTION api."Mutation_nothing"(arguments jsonb, source jsonb) RETURNS void LANGUAGE plpgsql
      AS $$ BEGIN END $$;
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
      (request("Mutation.nothing", sub: ada.sub), [nil, nil, nil]),
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

  /// Also what would break at the end of the transaction: outside every block that could catch it.
  func testConstraintsAreEachFieldsOwn() throws {
    let database = try database()
    let ada = try database.addUser("ada")
    try database.execute(
      """
      CREATE SCHEMA mine;
      CREATE TABLE mine.shelves (name text PRIMARY KEY);
      CREATE TABLE mine.boxes (
        name text CONSTRAINT taken UNIQUE DEFERRABLE,
        shelf text REFERENCES mine.shelves DEFERRABLE INITIALLY DEFERRED);
      CREATE FUNCTION mine.only_own() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.name <> (SELECT u.username FROM cognito.users_live AS u WHERE u.id = cognito.current_user_id()) THEN
          RAISE SQLSTATE 'PT403' USING MESSAGE = 'not yours';
        END IF;
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER own AFTER INSERT ON mine.shelves DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION mine.only_own();
      CREATE FUNCTION api."Mutation_assert"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE plpgsql
      AS $$ BEGIN ASSERT false, 'secret'; END $$;
      -- The box before its shelf.
      CREATE FUNCTION api."Mutation_add"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO mine.boxes VALUES (arguments ->> 'box', arguments ->> 'shelf');
        INSERT INTO mine.shelves SELECT arguments ->> 'shelf' WHERE arguments ? 'new';
        RETURN arguments -> 'box';
      EXCEPTION WHEN unique_violation THEN
        RAISE SQLSTATE 'PT409' USING MESSAGE = 'taken';
      END $$;
      CREATE FUNCTION api."Query_boxes"(arguments jsonb, source jsonb) RETURNS SETOF text LANGUAGE sql
      AS $$ SELECT name || ' on ' || shelf FROM mine.boxes ORDER BY name $$;
      """)
    func add(_ box: String, on shelf: String, new: Bool = false) -> String {
      request(
        "Mutation.add", #"{"box":"\#(box)","shelf":"\#(shelf)"\#(new ? #","new":true"# : "")}"#,
        sub: ada.sub)
    }
    let rows: [(request: String, answer: [String?])] = [
      (request("Mutation.assert", sub: ada.sub), [nil, "P0004", nil]),
      (add("a", on: "none"), [nil, "23503", nil]),
      (add("b", on: "ada", new: true), [#""b""#, nil, nil]),
      // What is deferred is so for the second as well, and what is not, is not.
      (add("c", on: "bob", new: true), [nil, "PT403", "not yours"]),
      (add("b", on: "ada"), [nil, "PT409", "taken"]),
      (add("d", on: "none"), [nil, "23503", nil]),
      (add("e", on: "ada"), [#""e""#, nil, nil]),
      (request("Query.boxes", sub: ada.sub), [#"["b on ada", "e on ada"]"#, nil, nil]),
    ]
    XCTAssertEqual(try resolve(rows.map(\.request), database), rows.map(\.answer))
    XCTAssertEqual(try resolve([add("f", on: "none")], database), [[nil, "23503", nil]])
  }

  /// Its time is up, and so is that of all others.
  func testACancelledStatementEndsTheBatch() throws {
    let database = try database()
    let ada = try database.addUser("ada")
    try database.execute(
      """
      CREATE FUNCTION api."Query_cancelled"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE plpgsql
      AS $$ BEGIN RAISE query_canceled; END $$
      """)
    XCTAssertThrowsError(
      try resolve(
        [
          request("Mutation.addBucket", #"{"name":"c"}"#, sub: ada.sub),
          request("Query.cancelled", sub: ada.sub),
        ], database)
    ) { XCTAssertTrue("\($0)".contains("57014"), "\($0)") }
    XCTAssertEqual(
      try resolve([request("Query.count", sub: ada.sub)], database), [["2", nil, nil]])
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

import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `APPSYNC`: AppSync's requests are answered by functions in the database, as a login that may ask who is asking.
final class AppSyncTests: XCTestCase {
  private static let pool = "eu-central-1_ExaMPLe01"

  /// A database with an API, and a login for the function.
  private final class Scene {
    let database: TestDatabase
    let login: String
    let ada: TestUser
    let bob: TestUser

    init() throws {
      database = try TestDatabase()
      login = "resolver_" + database.name.suffix(16)
      (ada, bob) = (
        try database.addUser("ada", pool: AppSyncTests.pool),
        try database.addUser("bob", pool: AppSyncTests.pool)
      )
      // Roles have the names of their users: the admin is Ada.
      try database.execute(
        """
        CREATE ROLE \(login) LOGIN PASSWORD '\(login)';
        CALL cognito.grant_reader('\(login)');
        CREATE SCHEMA api;
        GRANT USAGE ON SCHEMA api TO \(login);
        CREATE TABLE api.buckets (name text PRIMARY KEY, owner uuid NOT NULL);
        INSERT INTO api.buckets SELECT 'bucket of ' || username, id FROM cognito.users;
        ALTER TABLE api.buckets ENABLE ROW LEVEL SECURITY;
        GRANT SELECT, INSERT ON api.buckets TO \(login);
        CREATE POLICY own ON api.buckets USING (owner = (SELECT cognito.current_user_id()));
        CREATE FUNCTION api."Query_me"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql STABLE
        AS $$ SELECT jsonb_build_object('username', u.username, 'args', arguments) FROM cognito.users_live AS u
              WHERE u.id = cognito.current_user_id() $$;
        CREATE FUNCTION api."Query_myBuckets"(arguments jsonb, source jsonb) RETURNS SETOF api.buckets
        LANGUAGE sql STABLE AS $$ SELECT * FROM api.buckets ORDER BY name $$;
        CREATE FUNCTION api."Query_listBuckets"(arguments jsonb, source jsonb) RETURNS SETOF api.buckets
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
          IF NOT cognito.has_role('ada') THEN
            RAISE SQLSTATE 'PT403' USING MESSAGE = 'for admins only';
          END IF;
          RETURN QUERY SELECT * FROM api.buckets ORDER BY name;
        END $$;
        CREATE FUNCTION api."Query_users"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql STABLE
        AS $$ SELECT jsonb_agg(u.email) FROM cognito.users AS u $$;
        CREATE FUNCTION api."Query_slow"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql
        AS $$ SELECT to_jsonb(pg_sleep((arguments ->> 'seconds')::float)::text) $$;
        CREATE FUNCTION api."Mutation_slow"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql
        AS $$ SELECT to_jsonb(pg_sleep((arguments ->> 'seconds')::float)::text) $$;
        CREATE FUNCTION api."Mutation_add"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql
        AS $$ INSERT INTO api.buckets VALUES (gen_random_uuid()::text, cognito.current_user_id())
              RETURNING to_jsonb(owner) $$;
        CREATE FUNCTION api."Changes_add"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql
        AS $$ SELECT api."Mutation_add"(arguments, source) $$;
        CREATE FUNCTION api."Bucket_source"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql
        AS $$ SELECT source $$;
        CREATE FUNCTION api."Query_nothing"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql
        AS $$ SELECT NULL::jsonb $$;
        """)
    }

    deinit {
      try? database.execute("DROP OWNED BY \(login) CASCADE; DROP ROLE \(login)")
    }

    func url(port: Int? = nil) -> String {
      database.url(user: login, password: login, port: port ?? database.serverPort)
    }

    func function(
      port: Int? = nil, _ settings: [String: String] = [:]
    ) throws -> FunctionUnderTest {
      try FunctionUnderTest(
        environment: ["DATABASE_URL": url(port: port), "APPSYNC": "on"].merging(settings) { $1 },
        keeping: self)
    }
  }

  private static let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/\(pool)"

  private func event(
    _ field: String, _ arguments: String = "{}", sub: String?, type: String = "Query",
    source: String = "null", claims: String? = nil
  ) -> String {
    let issuer = Self.issuer
    let identity =
      sub.map {
        #"{"sub":"\#($0)","issuer":"\#(issuer)","username":"x","groups":["admins"],"#
          + #""claims":\#(claims ?? #"{"sub":"\#($0)","iss":"\#(issuer)","cognito:groups":["admins"]}"#)}"#
      } ?? "null"
    return
      #"{"arguments":\#(arguments),"identity":\#(identity),"source":\#(source),"request":{"headers":{}},"prev":null,"#
      + #""info":{"fieldName":"\#(field)","parentTypeName":"\#(type)","variables":{}},"stash":{}}"#
  }

  private func answer(_ function: FunctionUnderTest, _ event: String) throws -> String {
    switch try function.invoke(Array(event.utf8)).kind {
    case .response(let bytes): String(decoding: bytes, as: UTF8.self)
    case .error(_, let body): "error " + String(decoding: body, as: UTF8.self)
    }
  }

  private func error(_ type: String, _ message: String) -> String {
    #"error {"errorMessage":"\#(message)","errorType":"\#(type)","stackTrace":[]}"#
  }

  func testAFieldIsAnsweredToWhomeverItMayBe() throws {
    let scene = try Scene()
    let function = try scene.function()
    let (ada, bob) = (scene.ada, scene.bob)
    let internalError = error("InternalError", "The field could not be resolved")
    let rows: [(event: String, answer: String)] = [
      (
        event("me", #"{"a":[1.50,"ä"]}"#, sub: ada.sub),
        #"{"args": {"a": [1.50, "ä"]}, "username": "ada"}"#
      ),
      (
        event("myBuckets", sub: bob.sub), #"[{"name": "bucket of bob", "owner": "\#(bob.id)"}]"#
      ),
      (
        event("listBuckets", sub: ada.sub),
        #"[{"name": "bucket of ada", "owner": "\#(ada.id)"}, {"name": "bucket of bob", "owner": "\#(bob.id)"}]"#
      ),
      (event("listBuckets", sub: bob.sub), error("Forbidden", "for admins only")),
      (event("nothing", sub: bob.sub), "null"),
      (event("none", sub: bob.sub), error("NotFound", "the field Query.none has no function")),
      (event("me", sub: nil), error("Unauthorized", "Sign in first")),
      (
        event("me", sub: ada.sub, claims: #"{"sub":"\#(ada.sub)"}"#),
        error("Unauthorized", "Sign in first")
      ),
      (
        event("me", sub: ada.sub, claims: #"{"sub":"\#(ada.sub)","iss":"https://example.com"}"#),
        error("Unauthorized", "the user of this token may not act here")
      ),
      (
        event("me", sub: UUID().uuidString.lowercased()),
        error("Unauthorized", "the user of this token may not act here")
      ),
      // The login may not read the table of users.
      (event("users", sub: ada.sub), internalError),
    ]
    for row in rows {
      XCTAssertEqual(try answer(function, row.event), row.answer)
      XCTAssertEqual(try function.lastOutcome(), "resolved")
    }
    let report = try XCTUnwrap(function.reports().last)
    XCTAssertEqual(report["field"] as? String, "Query.users")
    XCTAssertEqual(report["level"] as? String, "WARN")
    XCTAssertEqual(
      report["problem"] as? String, "a function of the schema api failed, SQLSTATE 42501")
    XCTAssertFalse(function.logText.contains(ada.sub) || function.logText.contains("example.com"))
  }

  func testABatchIsOneRoundTripAndEachItsOwn() throws {
    let scene = try Scene()
    let relay = try TCPRelay(to: scene.database.serverPort)
    let function = try scene.function(port: relay.port)
    _ = try answer(function, event("me", sub: scene.ada.sub))
    let requests = relay.requestCount
    let batch = [
      event("me", sub: scene.ada.sub), event("me", sub: nil), event("me", sub: scene.bob.sub),
      event("listBuckets", sub: scene.bob.sub), event("nothing", sub: scene.bob.sub),
    ]
    XCTAssertEqual(
      try answer(function, "[\(batch.joined(separator: ","))]"),
      #"[{"data":{"args": {}, "username": "ada"}},"#
        + #"{"data":null,"errorMessage":"Sign in first","errorType":"Unauthorized"},"#
        + #"{"data":{"args": {}, "username": "bob"}},"#
        + #"{"data":null,"errorMessage":"for admins only","errorType":"Forbidden"},{"data":null}]"#)
    XCTAssertEqual(relay.requestCount - requests, 1)
    // Where nobody is signed in, the database is not asked.
    XCTAssertTrue(
      try answer(function, "[\(event("me", sub: nil))]").hasPrefix(#"[{"data":null,"#))
    XCTAssertEqual(relay.requestCount - requests, 1)
    let many = Array(repeating: event("me", sub: scene.ada.sub), count: 1000)
    let answers = try answer(function, "[\(many.joined(separator: ","))]")
    XCTAssertEqual(answers.components(separatedBy: #""username": "ada""#).count - 1, 1000)
    XCTAssertEqual(relay.requestCount - requests, 2)
  }

  func testArgumentsOfAMegabyteComeBack() throws {
    let scene = try Scene()
    let text = String(repeating: "x", count: 1_000_000)
    XCTAssertEqual(
      try answer(
        scene.function(), event("me", #"{"a":"\#(text)","n":"\u0000\ud800"}"#, sub: scene.ada.sub)
      ), #"{"args": {"a": "\#(text)", "n": "\#u{FFFD}\#u{FFFD}"}, "username": "ada"}"#)
  }

  /// The event itself is the first of 64 levels, also in a batch, where one that goes deeper is nothing to the others.
  func testASourceIsTakenAsDeepAsAnEventMayBe() throws {
    let scene = try Scene()
    let function = try scene.function()
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    func event(_ levels: Int) -> String {
      self.event("source", sub: scene.ada.sub, type: "Bucket", source: nested(levels))
    }
    XCTAssertEqual(try answer(function, event(63)), nested(63))
    XCTAssertEqual(
      try answer(function, "[\(event(63)),\(event(64)),\(event(100_000)),\(event(1))]"),
      #"[{"data":\#(nested(63))},"#
        + String(
          repeating:
            #"{"data":null,"errorMessage":"The request is nested more than 64 levels deep","#
            + #""errorType":"BadRequest"},"#, count: 2)
        + #"{"data":[]}]"#)
    XCTAssertEqual(try function.lastOutcome(), "resolved")
    for (refused, problem) in [
      (event(64), "the event is nested more than 64 levels deep, as none of Cognito's is"),
      (
        "[\(event(64))]",
        "the event is a list, and not of AppSync's requests for fields, or each is nested more than "
          + "64 levels deep"
      ),
    ] {
      guard case .error("Function.InvalidEvent", _) = try function.invoke(Array(refused.utf8)).kind
      else {
        XCTFail(problem)
        continue
      }
      let report = try XCTUnwrap(function.reports().last)
      XCTAssertEqual(report["outcome"] as? String, "refused")
      XCTAssertEqual(report["problem"] as? String, problem)
    }
  }

  /// What the request's time does not suffice for is an error, and would be a second time.
  func testTheTimeIsTheFunctionsAndWhatHasSpentItIsNotTriedAgain() throws {
    let scene = try Scene()
    let function = try scene.function()
    _ = try answer(function, event("me", sub: scene.ada.sub))
    let rows: [(type: String, seconds: Double, time: Duration, outcome: String)] = [
      // More than half of it.
      ("Query", 2.2, .seconds(4), "resolved"),
      ("Query", 20, .seconds(1), "failed"), ("Mutation", 20, .seconds(1), "failed"),
    ]
    for row in rows {
      let slow = event(
        "slow", #"{"seconds":\#(row.seconds)}"#, sub: scene.ada.sub, type: row.type)
      let reply = try function.invoke(
        Array(slow.utf8),
        envelope: EventEnvelope(requestID: UUID().uuidString, timeout: row.time))
      let report = try XCTUnwrap(function.reports().last)
      XCTAssertEqual(report["outcome"] as? String, row.outcome)
      XCTAssertEqual(report["attempts"] as? Int, 1)
      if row.outcome == "failed" {
        guard case .error("Function.FieldsNotResolved", let body) = reply.kind else {
          XCTFail("\(reply.kind)")
          continue
        }
        XCTAssertTrue(String(decoding: body, as: UTF8.self).contains("InternalError"))
      }
    }
    // The connection is another one by then.
    XCTAssertTrue(
      try answer(function, event("me", sub: scene.ada.sub)).contains(#""username": "ada""#))
  }

  /// So that there is time for another where the first leads nowhere.
  func testConnectingHasHalfOfTheTime() throws {
    let scene = try Scene()
    // Nobody listens there when the process starts: it has no connection.
    let port = try TCPRelay.unusedPort()
    let function = try scene.function(port: port)
    try function.runtime.waitForNext(process: function.process, until: .after(.seconds(10)))
    let relay = try TCPRelay(to: scene.database.serverPort, port: port)
    relay.set(.hold)
    inBackground {
      try? eventually("a connection being made") { relay.isHolding }
      relay.forgetConnections()
      relay.set(.forward)
    }
    // More than what is kept for a short statement.
    let slow = event("slow", #"{"seconds":1.2}"#, sub: scene.ada.sub, type: "Mutation")
    let reply = try function.invoke(
      Array(slow.utf8),
      envelope: EventEnvelope(requestID: UUID().uuidString, timeout: .seconds(5)))
    XCTAssertEqual(reply.kind, .response(Array(#""""#.utf8)))
    XCTAssertEqual(try function.reports().last?["attempts"] as? Int, 2)
  }

  /// Nobody knows by then whether the statement took effect.
  func testAfterACutConnectionAQueryIsAskedAgainAndAMutationIsNot() throws {
    let scene = try Scene()
    let relay = try TCPRelay(to: scene.database.serverPort)
    let function = try scene.function(port: relay.port)
    let me = event("me", sub: scene.ada.sub)
    let queries = [
      (me, #"{"args": {}, "username": "ada"}"#),
      (event("source", sub: scene.ada.sub, type: "Bucket", source: #"{"a":1}"#), #"{"a": 1}"#),
    ]
    let count = "SELECT count(*) FROM api.buckets"
    for cut in [TCPRelay.Behaviour.resetAfterNextRequest, .closeAfterNextRequest] {
      for (query, value) in queries {
        _ = try answer(function, me)
        relay.set(cut)
        XCTAssertEqual(try answer(function, query), value)
        XCTAssertEqual(try function.reports().last?["attempts"] as? Int, 2)
      }
      // Schemas may call it otherwise.
      for type in ["Mutation", "Changes"] {
        _ = try answer(function, me)
        let before = try XCTUnwrap(scene.database.value(count).flatMap { Int($0) })
        relay.set(cut)
        XCTAssertEqual(
          try answer(function, event("add", sub: scene.ada.sub, type: type)),
          error("InternalError", "The field could not be resolved"))
        XCTAssertEqual(try function.reports().last?["attempts"] as? Int, 1)
        try eventually("the server has done with it") {
          try scene.database.value(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = '\(scene.login)'") == "0"
        }
        let after = try XCTUnwrap(scene.database.value(count).flatMap { Int($0) })
        XCTAssertTrue((0...1).contains(after - before), "\(after - before) of one mutation")
      }
    }
  }

  func testAPoolThatIsNotServedIsRefusedBeforeTheDatabaseIsAsked() throws {
    let scene = try Scene()
    let relay = try TCPRelay(to: scene.database.serverPort)
    let pool = "eu-central-1_Other0001"
    let carol = try scene.database.addUser("carol", pool: pool)
    func claims(_ user: TestUser, _ issuer: String) -> String {
      #"{"sub":"\#(user.sub)","iss":"https://\#(issuer)"}"#
    }
    let foreign = event(
      "me", sub: carol.sub,
      claims: claims(carol, "cognito-idp.eu-central-1.amazonaws.com/\(pool)"))
    // A replica's issuer is of the same pool.
    let replica = event(
      "me", sub: scene.ada.sub,
      claims: claims(scene.ada, "issuer-cognito-idp.us-east-1.amazonaws.com/\(Self.pool)"))
    let function = try scene.function(port: relay.port, ["USER_POOL_IDS": Self.pool])
    XCTAssertEqual(
      try answer(function, replica), #"{"args": {}, "username": "ada"}"#)
    let requests = relay.requestCount
    XCTAssertEqual(
      try answer(function, foreign), error("Unauthorized", "This user pool is not served here"))
    XCTAssertEqual(relay.requestCount, requests)
    let report = try XCTUnwrap(function.reports().last)
    XCTAssertEqual(report["problem"] as? String, "the user pool is not in USER_POOL_IDS")
    XCTAssertEqual(
      try answer(function, "[\(foreign),\(replica)]"),
      #"[{"data":null,"errorMessage":"This user pool is not served here","errorType":"Unauthorized"},"#
        + #"{"data":{"args": {}, "username": "ada"}}]"#)
    XCTAssertEqual(relay.requestCount, requests + 1)
    XCTAssertEqual(
      try answer(scene.function(), foreign), #"{"args": {}, "username": "carol"}"#)
  }

  func testATeamFindsItsFunctionsOtherwise() throws {
    let scene = try Scene()
    try scene.database.execute(
      """
      CREATE OR REPLACE FUNCTION cognito.resolve(
        parent_type text, field text, arguments jsonb, source jsonb, claims jsonb
      ) RETURNS jsonb LANGUAGE plpgsql AS $$
      BEGIN
        IF field = 'secret' THEN RAISE SQLSTATE 'PT403' USING MESSAGE = 'not for you'; END IF;
        RETURN jsonb_build_array(
          parent_type, field, arguments, source, claims ->> 'sub', cognito.current_user_id());
      END $$;
      """)
    let function = try scene.function()
    let (ada, id) = (scene.ada.sub, scene.ada.id)
    let own = event("any", #"{"a":1}"#, sub: ada, type: "Bucket", source: #"{"b":2}"#)
    let value = #"["Bucket", "any", {"a": 1}, {"b": 2}, "\#(ada)", "\#(id)"]"#
    XCTAssertEqual(try answer(function, own), value)
    XCTAssertEqual(
      try answer(function, "[\(own),\(event("secret", sub: ada)),\(event("me", sub: nil))]"),
      #"[{"data":\#(value)},{"data":null,"errorMessage":"not for you","errorType":"Forbidden"},"#
        + #"{"data":null,"errorMessage":"Sign in first","errorType":"Unauthorized"}]"#)
  }

  /// By the limit that the guide sets, a second less than the function's.
  func testAStatementThatNobodyWaitsForEndsAtTheServer() throws {
    let scene = try Scene()
    // Longer than this test waits.
    try scene.database.execute(
      """
      ALTER ROLE \(scene.login) SET statement_timeout = '2s';
      CREATE FUNCTION api."Query_endless"(arguments jsonb, source jsonb) RETURNS jsonb LANGUAGE sql
      AS $$ SELECT to_jsonb(pg_sleep(120)::text) $$
      """)
    let function = try scene.function()
    let reply = try function.invoke(
      Array(event("endless", sub: scene.ada.sub).utf8),
      envelope: EventEnvelope(requestID: UUID().uuidString, timeout: .seconds(3)))
    guard case .error("Function.FieldsNotResolved", _) = reply.kind else {
      return XCTFail("\(reply.kind)")
    }
    try eventually("no backend is active") {
      try scene.database.value(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND state = 'active'",
        [scene.login]) == "0"
    }
  }

  func testItIsOffUnlessAskedFor() throws {
    let scene = try Scene()
    for setting in ["off", ""] {
      let function = try scene.function(["APPSYNC": setting])
      let reply = try function.invoke(Array(event("me", sub: scene.ada.sub).utf8))
      guard case .error("Function.InvalidEvent", _) = reply.kind else {
        XCTFail("\(reply.kind)")
        continue
      }
      XCTAssertEqual(try function.lastOutcome(), "refused")
    }
  }

  func testADatabaseThatIsDownIsAnErrorWithoutADetail() throws {
    let scene = try Scene()
    let function = try scene.function(port: try TCPRelay.unusedPort(), ["SYNC_BUDGET_MS": "500"])
    XCTAssertEqual(
      try answer(function, event("me", sub: scene.ada.sub)),
      error("InternalError", "The field could not be resolved"))
    XCTAssertEqual(try function.lastOutcome(), "failed")
  }
}

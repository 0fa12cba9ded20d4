import Foundation
import Postgres
import TestSupport
import XCTest

/// The examples of `Fixtures/policies`, as the README shows them.
final class RowPolicyTests: XCTestCase {
  func testTheREADMEShowsTheExamplesWhichAreRun() throws {
    let readme = try String(
      contentsOf: TestEnvironment.packageRoot
        .appendingPathComponent("Sources/SchemaMigrations/README.md"), encoding: .utf8)
    for example in try PolicyScene.examples() {
      XCTAssertTrue(readme.contains("```sql\n\(try PolicyScene.text(of: example))```"), example)
    }
  }

  func testTheRolesOfRequestsReadNoUser() throws {
    let scene = try PolicyScene()
    for role in [scene.anon, scene.authenticated] {
      XCTAssertEqual(
        try scene.database.query(
          """
          SELECT relname FROM pg_class
          WHERE relnamespace = 'cognito'::regnamespace AND relkind IN ('r', 'v')
            AND has_any_column_privilege($1::name, oid, 'SELECT')
          """, [role]), [])
    }
  }

  func testAUserSeesOwnRowsAndAnAdminAll() throws {
    let scene = try PolicyScene("own_rows")
    let users = try ["ada", "bo"].map { try scene.addUser($0) }
    let admin = try scene.addUser("admin", roles: ["admin"])
    for user in users {
      try scene.request(claims: PolicyScene.claims(sub: user.sub), commits: true) {
        try scene.database.execute("INSERT INTO api.orders (item) VALUES ('by \(user.id)')")
      }
    }
    func seen(by claims: String?) throws -> [[String?]] {
      try scene.request(claims: claims) {
        try scene.database.query("SELECT item FROM api.orders ORDER BY id")
      }
    }
    let orders = users.map { ["by \($0.id)"] }
    XCTAssertEqual(try seen(by: PolicyScene.claims(sub: users[0].sub)), [orders[0]])
    XCTAssertEqual(try seen(by: PolicyScene.claims(sub: admin.sub)), orders)
    XCTAssertEqual(try seen(by: nil), [])
    // A token says that this user is an admin; the database, that no more.
    try scene.database.execute("DELETE FROM cognito.user_roles")
    XCTAssertEqual(try seen(by: PolicyScene.claims(sub: admin.sub)), [])
    try scene.database.execute("UPDATE cognito.users SET enabled = false")
    XCTAssertEqual(try seen(by: PolicyScene.claims(sub: users[0].sub)), [])
  }

  func testNobodyWritesInAnothersName() throws {
    let scene = try PolicyScene("own_rows", "tenant_rows")
    let (ada, bo) = (
      try scene.addUser("ada", roles: ["admin"], attributes: #"{"custom:tenant": "north"}"#),
      try scene.addUser("bo", attributes: #"{"custom:tenant": "south"}"#)
    )
    try scene.request(claims: PolicyScene.claims(sub: bo.sub), commits: true) {
      try scene.database.execute(
        "INSERT INTO api.orders (item) VALUES ('x'); INSERT INTO api.documents (title) VALUES ('x')"
      )
    }
    let claims = PolicyScene.claims(sub: ada.sub)
    for refused in [
      "INSERT INTO api.orders (owner, item) VALUES ('\(bo.id)', 'y')",
      "INSERT INTO api.documents (tenant, title) VALUES ('south', 'y')",
      "INSERT INTO api.documents (title) VALUES ('y'); UPDATE api.documents SET tenant = 'south'",
      "INSERT INTO api.orders (item) VALUES ('y'); UPDATE api.orders SET owner = '\(bo.id)' WHERE item = 'y'",
    ] {
      XCTAssertThrowsError(
        try scene.request(claims: claims) { try scene.database.execute(refused) }, refused
      ) { error in
        XCTAssertEqual((error as? PostgresError)?.state, SQLState("42501"), refused)
      }
    }
    // Seen by an admin, and not to be changed.
    try scene.request(claims: claims, commits: true) {
      try scene.database.execute(
        "UPDATE api.orders SET item = 'z'; DELETE FROM api.orders; DELETE FROM api.documents")
    }
    XCTAssertEqual(
      try scene.database.query(
        "SELECT item FROM api.orders UNION ALL SELECT title FROM api.documents"),
      [["x"], ["x"]])
  }

  func testAUserSeesTheRowsOfTheTenant() throws {
    let scene = try PolicyScene("tenant_rows")
    let north = #"{"custom:tenant": "north"}"#
    let users = [
      try scene.addUser("ada", attributes: north), try scene.addUser("bo", attributes: north),
      try scene.addUser("cy", attributes: #"{"custom:tenant": "south"}"#),
      try scene.addUser("nobody's"),
    ]
    try scene.request(claims: PolicyScene.claims(sub: users[0].sub), commits: true) {
      try scene.database.execute("INSERT INTO api.documents (title) VALUES ('plan')")
    }
    func seen(by user: TestUser) throws -> [[String?]] {
      try scene.request(claims: PolicyScene.claims(sub: user.sub)) {
        try scene.database.query("SELECT tenant, title FROM api.documents")
      }
    }
    XCTAssertEqual(
      try users.map(seen), [[["north", "plan"]], [["north", "plan"]], [], []])
    // At once, and not only when the token ends.
    try scene.database.query(
      "UPDATE cognito.users SET attributes = '{}' WHERE id = $1::uuid", [users[1].id])
    XCTAssertEqual(try seen(by: users[1]), [])
  }

  func testAFunctionAnswersToAdminsOnly() throws {
    let scene = try PolicyScene("admins_only")
    let (ada, admin) = (
      try scene.addUser("ada", roles: ["staff"]), try scene.addUser("admin", roles: ["admin"])
    )
    try scene.database.execute("INSERT INTO api.buckets VALUES ('b'), ('a')")
    func call(_ claims: String?, as role: String? = nil) throws -> [[String?]] {
      try scene.request(claims: claims, role: role) {
        try scene.database.query("SELECT name FROM api.list_buckets()")
      }
    }
    XCTAssertEqual(try call(PolicyScene.claims(sub: admin.sub)), [["a"], ["b"]])
    let refusals: [(String?, String?, String)] = [
      (PolicyScene.claims(sub: ada.sub), nil, "PT403"), (nil, nil, "PT403"),
      (nil, scene.anon, "42501"),
      // The token's group is not asked for.
      (#"{"cognito:groups": ["admin"]}"#, nil, "PT403"),
    ]
    for (claims, role, state) in refusals {
      XCTAssertThrowsError(try call(claims, as: role)) { error in
        XCTAssertEqual((error as? PostgresError)?.state, SQLState(state))
      }
    }
    XCTAssertThrowsError(
      try scene.request(claims: PolicyScene.claims(sub: admin.sub)) {
        try scene.database.query("SELECT FROM api.buckets")
      })
  }

  // MARK: - How often a policy asks

  func testOf100000RowsAPolicyAsksOnceAndWithoutItsSELECTForEveryRow() throws {
    let scene = try PolicyScene("own_rows", "tenant_rows")
    let database = scene.database
    let user = try scene.addUser("ada", attributes: #"{"custom:tenant": "t1"}"#)
    try database.execute(
      """
      SET track_functions = 'all';
      ALTER TABLE api.orders DROP CONSTRAINT orders_owner_fkey;
      INSERT INTO api.orders (owner, item)
      SELECT CASE WHEN i % 100 = 0 THEN '\(user.id)'::uuid ELSE gen_random_uuid() END, 'x'
      FROM generate_series(1, 100000) AS i;
      INSERT INTO api.documents (tenant, title) SELECT 't' || i % 100, 'x' FROM generate_series(1, 100000) AS i;
      ANALYZE api.orders, api.documents
      """)
    let claims = PolicyScene.claims(sub: user.sub)

    let orders = try run("SELECT * FROM api.orders", scene, claims)
    XCTAssertEqual(orders.rows, 1000)
    XCTAssertEqual(orders.initPlanLoops, [1, 1], "of the user, and of the role")
    XCTAssertEqual(orders.calls["has_role"], 1)
    XCTAssertEqual(orders.calls["current_user_id"], 2, "its own, and has_role's")

    let documents = try run("SELECT * FROM api.documents", scene, claims)
    XCTAssertEqual(documents.rows, 1000)
    XCTAssertEqual(documents.initPlanLoops, [1])
    XCTAssertEqual(documents.calls["current_tenant"], 1)

    try database.execute(
      """
      DROP POLICY all_rows ON api.orders;
      ALTER POLICY own_rows ON api.orders USING (owner = cognito.current_user_id());
      DROP INDEX api.orders_owner_idx
      """)
    let slow = try run("SELECT * FROM api.orders WHERE id <= 2000", scene, claims)
    XCTAssertEqual(slow.rows, 20)
    XCTAssertEqual(slow.initPlanLoops, [])
    XCTAssertGreaterThanOrEqual(try XCTUnwrap(slow.calls["current_user_id"]), 2000)
  }

  /// What has a policy stays as fast as its indexes are, and may be read by several processes at once.
  func testAPolicyOfOwnRowsUsesTheIndexAndParallelWorkers() throws {
    let scene = try PolicyScene("own_rows")
    let database = scene.database
    let user = try scene.addUser("ada")
    try database.execute(
      """
      INSERT INTO api.orders (owner, item) SELECT '\(user.id)', 'x' FROM generate_series(1, 200);
      ANALYZE api.orders;
      DROP POLICY all_rows ON api.orders;
      SET enable_seqscan = off
      """)
    let claims = PolicyScene.claims(sub: user.sub)
    let indexed = try run("SELECT * FROM api.orders", scene, claims)
    XCTAssertTrue(indexed.plan.contains("orders_owner_idx"), indexed.plan)
    try database.execute(
      """
      SET enable_seqscan = on;
      DROP INDEX api.orders_owner_idx;
      SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
      ALTER POLICY own_rows ON api.orders USING (
        owner = cognito.current_user_id() AND NOT cognito.has_group('x') AND NOT cognito.has_role('x'))
      """)
    let parallel = try run("SELECT count(*) FROM api.orders", scene, claims)
    XCTAssertTrue(parallel.plan.contains("\"Workers Launched\":"), parallel.plan)
    XCTAssertEqual(parallel.rows, 1)
  }

  private struct Run {
    let plan: String
    let rows: Int
    let initPlanLoops: [Int]
    let calls: [String: Int]
  }

  /// Runs a query as a request; how often functions were called is the server's own count.
  private func run(_ sql: String, _ scene: PolicyScene, _ claims: String) throws -> Run {
    let (plan, counts) = try scene.request(claims: claims) {
      let plan = try scene.database.value("EXPLAIN (ANALYZE, FORMAT JSON) \(sql)")
      let counts = try scene.database.query(
        "SELECT funcname, calls FROM pg_stat_xact_user_functions")
      return (try XCTUnwrap(plan), counts)
    }
    let root = try XCTUnwrap(
      (JSONSerialization.jsonObject(with: Data(plan.utf8)) as? [[String: Any]])?.first?["Plan"]
        as? [String: Any])
    var loops: [Int] = []
    func visit(_ node: [String: Any]) {
      if node["Parent Relationship"] as? String == "InitPlan",
        let count = node["Actual Loops"] as? Int
      {
        loops.append(count)
      }
      for child in node["Plans"] as? [[String: Any]] ?? [] { visit(child) }
    }
    visit(root)
    return Run(
      plan: plan, rows: try XCTUnwrap(root["Actual Rows"] as? NSNumber).intValue,
      initPlanLoops: loops,
      calls: counts.reduce(into: [:]) { calls, row in
        if let name = row[0] { calls[name] = row[1].flatMap { Int($0) } }
      })
  }
}

import Clock
import CognitoAPI
import Foundation
import TestSupport
import XCTest

/// `pooltable reconcile --prune` and `--region`: whom it asks, and where.
final class PruneCommandTests: XCTestCase {
  private let listed = "11111111-2222-4333-8444-555555555555"

  private func reconcile(
    _ database: TestDatabase, pool: String, _ arguments: [String], environment: [String: String]
  ) throws -> (run: CommandRun, counts: [String: Any]) {
    let run = try CommandRun.pooltable(
      ["reconcile", "--user-pool-id", pool, "--json", "--max-prune", "100", "--max-rate", "500"]
        + arguments,
      environment: environment.merging(["DATABASE_URL": database.ownerURL]) { $1 })
    return (
      run,
      try XCTUnwrap(
        JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any], run.errors)
    )
  }

  private let keyless = [
    "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "",
    "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent",
  ]

  /// A file with one user, who is in the table as well.
  private func file() throws -> String {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString).json")
    try Data(
      """
      {"Username": "listed", "UserStatus": "CONFIRMED", "Enabled": true,
       "Attributes": [{"Name": "sub", "Value": "\(listed)"}]}
      """.utf8
    ).write(to: url)
    addTeardownBlock { try? FileManager.default.removeItem(at: url) }
    return url.path
  }

  private func write(
    _ name: String, _ sub: String, in database: TestDatabase, pool: String, minutesAgo: Int = 120
  ) throws {
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, status, observed_at)
      VALUES ($1::text, $2::uuid, $3::text, 'CONFIRMED', now() - $4::integer * interval '1 minute')
      """, [pool, sub, name, "\(minutesAgo)"])
  }

  private func marked(_ database: TestDatabase) throws -> String? {
    try database.value(
      "SELECT string_agg(username, ',' ORDER BY username) FROM cognito.users WHERE deleted_at IS NOT NULL"
    )
  }

  func testWithoutCredentialsAFileMarksNobodyUnlessItIsTrusted() throws {
    let (database, pool) = (try TestDatabase(), "eu-central-1_ExaMPLe01")
    try write("listed", listed, in: database, pool: pool)
    try write("ada", UUID().uuidString, in: database, pool: pool)
    let path = try file()
    let (refused, none) = try reconcile(
      database, pool: pool, ["--from", path, "--prune"], environment: keyless)
    XCTAssertEqual(refused.exitCode, 3, refused.errors)
    XCTAssertEqual(none["deleted"] as? Int, 0)
    XCTAssertTrue(
      refused.errors.contains("--trust-listing") && refused.errors.contains("AWS_ACCESS_KEY_ID"),
      refused.errors)
    XCTAssertNil(try marked(database))
    let (trusted, one) = try reconcile(
      database, pool: pool, ["--from", path, "--prune", "--trust-listing"], environment: keyless)
    XCTAssertEqual(trusted.exitCode, 2, trusted.errors)
    XCTAssertEqual(one["deleted"] as? Int, 1)
    XCTAssertEqual(try marked(database), "ada")
  }

  func testWithCredentialsWhoIsStillThereIsKeptUnlessTheFileIsTrusted() throws {
    let (database, moto) = (try TestDatabase(), try MotoServer.shared)
    let pool = try moto.createUserPool()
    try write("listed", listed, in: database, pool: pool.text)
    let ada = try moto.createUser("ada", in: pool)
    try write("ada", ada.sub, in: database, pool: pool.text)
    try write("bob", UUID().uuidString, in: database, pool: pool.text)
    let path = try file()
    let (run, counts) = try reconcile(
      database, pool: pool.text, ["--from", path, "--prune"], environment: moto.environment)
    XCTAssertEqual(run.exitCode, 2, run.errors)
    XCTAssertEqual(counts["deleted"] as? Int, 1)
    XCTAssertEqual(counts["kept"] as? Int, 1)
    XCTAssertEqual(try marked(database), "bob")
    let (trusted, rest) = try reconcile(
      database, pool: pool.text, ["--from", path, "--prune", "--trust-listing"],
      environment: moto.environment)
    XCTAssertEqual(trusted.exitCode, 2, trusted.errors)
    XCTAssertEqual(rest["kept"] as? Int, 0)
    XCTAssertEqual(try marked(database), "ada,bob")
  }

  func testWhoWasWrittenWithinTheSettlingTimeIsLeft() throws {
    let (database, pool) = (try TestDatabase(), "eu-central-1_ExaMPLe01")
    try write("listed", listed, in: database, pool: pool)
    try write("ada", UUID().uuidString, in: database, pool: pool, minutesAgo: 10)
    let path = try file()
    for (settle, names) in [
      ([], nil), (["--settle", "11min"], nil), (["--settle", "9min"], "ada"),
    ]
      as [([String], String?)]
    {
      let (run, _) = try reconcile(
        database, pool: pool, ["--from", path, "--prune", "--trust-listing"] + settle,
        environment: keyless)
      XCTAssertEqual(run.exitCode, names == nil ? 0 : 2, "\(settle): \(run.errors)")
      XCTAssertEqual(try marked(database), names, "\(settle)")
    }
  }

  func testAReplicaIsAskedInItsOwnRegion() throws {
    let pool = "eu-central-1_ExaMPLe01"
    for region in [nil, "us-west-2"] {
      let database = try TestDatabase()
      try write("ada", UUID().uuidString, in: database, pool: pool)
      let list = """
        {"Users": [{"Username": "listed", "UserStatus": "CONFIRMED", "Enabled": true,
         "Attributes": [{"Name": "sub", "Value": "\(listed)"}]}]}
        """
      let server = try ScriptedServer([
        // The questions have a connection of their own, and the script takes one at a time.
        .answer(200, headers: ["Connection: close"], body: Array(list.utf8)),
        .answer(400, body: Array(#"{"__type": "UserNotFoundException"}"#.utf8)),
      ])
      let (run, counts) = try reconcile(
        database, pool: pool, ["--prune"] + (region.map { ["--region", $0] } ?? []),
        environment: [
          "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)",
          "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
        ])
      XCTAssertEqual(run.exitCode, 2, run.errors)
      XCTAssertEqual(counts["deleted"] as? Int, 1)
      let requests = server.requests
      XCTAssertEqual(
        requests.compactMap { $0.headers["x-amz-target"]?.split(separator: ".").last },
        ["ListUsers", "AdminGetUser"])
      for request in requests {
        let scope = "/\(region ?? "eu-central-1")/cognito-idp/aws4_request"
        XCTAssertEqual(
          request.headers["authorization"]?.contains(scope), true,
          request.headers["authorization"] ?? "-")
      }
    }
  }
}

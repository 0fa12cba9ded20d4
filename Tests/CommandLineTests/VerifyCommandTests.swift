import Foundation
import TestSupport
import XCTest

@testable import CommandLine

/// `pooltable verify`, with tokens of moto's and with forged ones.
final class VerifyCommandTests: XCTestCase {
  private func verify(
    _ arguments: [String], _ token: String, environment: [String: String] = [:]
  ) throws -> CommandRun {
    let run = try CommandRun.pooltable(
      ["verify"] + arguments, environment: environment, input: token)
    for part in token.split(separator: ".") where part.count > 10 {
      XCTAssertFalse((run.output + run.errors).contains(part), "the token was shown")
    }
    return run
  }

  private func object(_ run: CommandRun) throws -> [String: Any] {
    XCTAssertEqual(run.output.filter { $0 == "\n" }.count, 1, run.output)
    return try XCTUnwrap(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
  }

  func testWhoSignsInGetsTokensThatAreValid() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let client = try moto.createClient(in: pool)
    try moto.signUp("ada", password: "Secret-1x", attributes: [:], client: client)
    try moto.confirmSignUp("ada", client: client)
    try moto.createGroup("staff", in: pool)
    try moto.addUser("ada", toGroup: "staff", in: pool)
    let tokens = try moto.tokens("ada", password: "Secret-1x", client: client)
    let sub = try XCTUnwrap(moto.attributes(of: "ada", in: pool)["sub"])
    // No keys of AWS's are needed.
    let environment = ["AWS_ENDPOINT_URL": moto.endpoint]
    let base = ["--user-pool-id", pool.text, "--client-id", client, "--group", "staff"]
    for (use, token) in [("access", tokens.access), ("id", tokens.id)] {
      let run = try verify(base + ["--token-use", use], token + "\n", environment: environment)
      XCTAssertEqual(run.exitCode, 0, run.errors)
      XCTAssertEqual(run.errors, "")
      let claims = try object(run)
      XCTAssertEqual(claims["sub"] as? String, sub)
      XCTAssertEqual(claims["token_use"] as? String, use)
      XCTAssertEqual(claims["cognito:groups"] as? [String], ["staff"])
    }
    let changed = tokens.access.dropLast(10) + "AAAAAAAAAA"
    let refused = try verify(base, String(changed), environment: environment)
    XCTAssertEqual(refused.exitCode, 1)
    XCTAssertEqual(refused.output, "")
    XCTAssertEqual(
      refused.errors,
      "not valid: its signature is wrong: it was changed, or signed by somebody else\n")

    // The same, by another verifier, with the keys that 'pooltable jwks' prints.
    let keys = try CommandRun.pooltable(
      ["jwks", "--user-pool-id", pool.text], environment: environment)
    XCTAssertEqual(keys.exitCode, 0, keys.errors)
    let issuers = ["https://cognito-idp.eu-central-1.amazonaws.com/\(pool.text)"]
    let verdicts = try PyJWTTokens.verdicts(
      on: [tokens.access, tokens.id, String(changed)], keySet: keys.output, issuers: issuers,
      clientIDs: [client])
    XCTAssertEqual(verdicts.prefix(2), [nil, nil])
    XCTAssertNotNil(verdicts[2])
  }

  func testTheTokenComesFromStandardInputOrTheEnvironment() throws {
    let files = try TokenFiles(TestToken.claims(), TestToken.claims(["exp": "1"]))
    let (good, bad) = (files.tokens[0], files.tokens[1])
    let arguments = files.arguments + ["--any-client"]
    let rows: [(dash: Bool, input: String, variable: String?, code: Int32)] = [
      (false, good, nil, 0), (true, good, nil, 0), (false, "", good, 0), (false, bad, good, 0),
      (true, bad, good, 1), (false, good, bad, 1), (false, good, "", 0), (true, good, bad, 0),
      (false, "Bearer \(good)\n", nil, 0), (false, "\n  bearer\t\(good)\r\n", nil, 0),
      (false, "", "Bearer \(good)", 0), (false, "Basic \(good)", nil, 1),
      (false, "", nil, 64), (true, " \n", good, 64), (false, "Bearer ", nil, 1),
    ]
    for row in rows {
      let run = try verify(
        arguments + (row.dash ? ["-"] : []), row.input,
        environment: row.variable.map { ["COGNITO_TOKEN": $0] } ?? [:])
      XCTAssertEqual(run.exitCode, row.code, "\(row.dash) \(row.code): \(run.errors)")
    }
    let long = try verify(arguments, String(repeating: "a", count: 1 << 20))
    XCTAssertEqual(long.exitCode, 1)
    XCTAssertEqual(long.errors, "not valid: it is longer than 16384 bytes\n")
  }

  func testEveryOptionCounts() throws {
    // The command asks the clock, and that minutes after `TestToken` did.
    let now = Int(Date().timeIntervalSince1970)
    let replica = #""https://cognito-idp.us-west-2.amazonaws.com/\#(TestToken.pool)""#
    let files = try TokenFiles(
      TestToken.claims(), TestToken.idClaims(), TestToken.claims(["exp": "\(now - 10)"]),
      TestToken.claims(["iss": replica]))
    let client = ["--client-id", TestToken.client]
    let rows: [(token: Int, arguments: [String], reason: String?)] = [
      (0, client, nil), (0, ["--client-id", "other"] + client, nil),
      (0, ["--client-id", "other"], "wrongClient"), (0, ["--any-client"], nil),
      (1, client, nil), (1, client + ["--token-use", "id"], nil),
      (1, client + ["--token-use", "access"], "wrongUse"),
      (0, client + ["--group", "admins"], "wrongGroup"),
      (0, client + ["--group", "admins", "--group", "staff"], nil),
      (0, client + ["--scope", "openid"], nil), (0, client + ["--scope", "open"], "wrongScope"),
      (2, client, "expired"), (2, client + ["--grace", "5min"], nil),
      (3, client, "wrongIssuer"), (3, client + ["--issuer-region", "us-west-2"], nil),
      (3, client + ["--issuer-region", "us-east-1"], "wrongIssuer"),
    ]
    for row in rows {
      let run = try verify(files.arguments + row.arguments + ["--json"], files.tokens[row.token])
      let answer = try object(run)
      XCTAssertEqual(run.exitCode, row.reason == nil ? 0 : 1, "\(row): \(run.errors)")
      XCTAssertEqual(answer["reason"] as? String, row.reason, "\(row)")
      XCTAssertEqual(answer["valid"] as? Bool, row.reason == nil, "\(row)")
      XCTAssertEqual(answer["claims"] == nil, row.reason != nil, "\(row)")
      XCTAssertEqual((answer["problem"] as? String).map { "\($0)\n" } ?? "", run.errors, "\(row)")
    }
  }

  func testTheClaimsArePrintedAsTheyWereSigned() throws {
    let claims = TestToken.claims(["big": "12345678901234567890.10", "name": #""\u0007é/\"""#])
    let files = try TokenFiles(claims)
    let run = try verify(files.arguments + ["--any-client"], files.tokens[0])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(run.output, claims + "\n")
  }

  func testWithoutKeysNothingIsKnown() throws {
    let files = try TokenFiles(TestToken.claims())
    let pool = ["--user-pool-id", TestToken.pool, "--any-client", "--json"]
    let port = try TCPRelay.unusedPort()
    let server = try ScriptedServer([.answer(404), .answer(200, body: Array("{}".utf8))])
    let rows: [(arguments: [String], url: String, text: String)] = [
      ([], "http://127.0.0.1:\(port)", "Couldn't connect"),
      ([], "http://\(server.endpoint)", "the answer is 404 (check the pool's id"),
      ([], "http://\(server.endpoint)", "that is not a key set"),
      ([], "ftp://x", "must be an http or https URL"),
      (["--jwks", "/nonexistent/keys"], "", "/nonexistent/keys: the file cannot be read"),
      (["--jwks", #filePath], "", "from \(#filePath): that is not a key set"),
    ]
    for row in rows {
      let run = try verify(
        pool + row.arguments, files.tokens[0], environment: ["AWS_ENDPOINT_URL": row.url])
      XCTAssertEqual(run.exitCode, 3, row.text)
      XCTAssertTrue(run.errors.contains(row.text), run.errors)
      let answer = try object(run)
      XCTAssertNil(answer["valid"])
      XCTAssertEqual((answer["problem"] as? String).map { "\($0)\n" }, run.errors)
    }
    let emulators = try CommandRun.pooltable(
      ["verify", "--user-pool-id", "local_a", "--any-client"], input: files.tokens[0])
    XCTAssertEqual(emulators.exitCode, 3)
    XCTAssertTrue(
      emulators.errors.contains("local, which the pool's id begins with"), emulators.errors)
  }

  /// Whoever can be made to fetch from anywhere by a token serves the forger.
  func testNobodyIsAskedForATokenOfAnotherIssuer() throws {
    let server = try ScriptedServer([])
    let iss = #""http://\#(server.endpoint)/\#(TestToken.pool)x""#
    let files = try TokenFiles(TestToken.claims(["iss": iss]))
    let run = try verify(
      ["--user-pool-id", TestToken.pool, "--any-client"], files.tokens[0],
      environment: ["AWS_ENDPOINT_URL": "http://\(server.endpoint)"])
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("was not issued by this user pool"), run.errors)
    XCTAssertEqual(server.requests.count, 0)
  }

  func testTheCommandLineIsChecked() throws {
    let pool = ["--user-pool-id", TestToken.pool]
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
    let rows: [(arguments: [String], text: String)] = [
      (["--any-client"], "--user-pool-id"),
      (["--user-pool-id", "x", "--any-client"], "must be a user pool's id"),
      (pool, "either --client-id or --any-client"),
      (pool + ["--any-client", "--client-id", "x"], "either --client-id or --any-client"),
      (pool + ["--any-client", "--token-use", "refresh"], "--token-use"),
      (pool + ["--any-client", "--issuer-region", "x/y"], "must be an AWS region"),
      (pool + ["--any-client", "--grace", "2h"], "an hour at most"),
      (pool + ["--any-client", token], "A token is no argument"),
      (pool + ["--any-client", "Bearer", token], "A token is no argument"),
      (pool + ["--any-client", "--token=\(token)"], "Unknown option '--token'"),
      (pool + ["--any-client"], "no token: give it on standard input, or in COGNITO_TOKEN"),
    ]
    for row in rows {
      for command in ["verify", "whoami"] {
        let run = try CommandRun.pooltable([command] + row.arguments)
        XCTAssertEqual(run.exitCode, 64, row.text)
        XCTAssertTrue(run.errors.contains(row.text), run.errors)
        XCTAssertFalse((run.output + run.errors).contains("eyJ"), run.errors)
      }
    }
  }

  func testWhatSurroundsATokenIsTakenAway() {
    for text in ["a.b.c", " a.b.c\n", "Bearer a.b.c", "BEARER   a.b.c\r\n", "\tbearer\ta.b.c"] {
      XCTAssertEqual(TokenInput.bare(Array(text.utf8)), Array("a.b.c".utf8), text)
    }
    for text in ["", "bearer", "Bearera.b.c", "a b", "Bearer"] {
      XCTAssertEqual(TokenInput.bare(Array(text.utf8)), Array(text.utf8), text)
    }
  }
}

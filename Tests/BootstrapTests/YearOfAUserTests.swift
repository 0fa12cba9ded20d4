import CognitoAPI
import CognitoTriggers
import Foundation
import JSON
import LocalLambda
import TestSupport
import XCTest

/// One year of a user, with the real `bootstrap`: after every step the row is what Cognito, asked for the user, says,
/// or marked as deleted.
///
/// moto is Cognito. It calls no triggers and writes no records: both are sent here, as Cognito and CloudTrail would.
final class YearOfAUserTests: XCTestCase {
  private static let password = "Correct-horse-1"
  private static let name = "ada"

  /// One pool, its user, and the function that follows both.
  private struct Year {
    let moto: MotoServer
    let pool: UserPoolID
    let client: String
    let database: TestDatabase
    let function: FunctionUnderTest

    init() throws {
      moto = try MotoServer.shared
      pool = try moto.createUserPool()
      client = try moto.createClient(in: pool)
      database = try TestDatabase()
      var environment = moto.environment
      environment["DATABASE_URL"] = database.handlerURL
      environment["USER_POOL_IDS"] = pool.text
      environment["FOLLOW_CHANGES"] = "on"
      environment["SYNC_ON_TOKEN"] = "on"
      environment["TOKEN_ROLES"] = "on"
      environment["TRACK_SIGN_INS"] = "on"
      function = try FunctionUnderTest(environment: environment, keeping: database)
    }

    /// What `AdminGetUser` says.
    func user() throws -> CognitoUser { try moto.user(YearOfAUserTests.name, in: pool) }

    func sub() throws -> String {
      try XCTUnwrap(try user().attributes["sub"]?.string)
    }

    /// The trigger's event as Cognito would send it now. - Returns: what the log calls the outcome.
    @discardableResult
    func trigger(_ source: String) throws -> String? {
      let user = try user()
      var attributes = user.attributes.compactMapValues(\.string)
      attributes["cognito:user_status"] = user.status
      if source.hasPrefix("PreSignUp") { attributes["sub"] = nil }
      let event: [String: Any] = [
        "version": "1", "region": MotoServer.region, "userPoolId": pool.text,
        "userName": user.username, "triggerSource": source,
        "request": [
          "userAttributes": Dictionary(
            uniqueKeysWithValues: attributes.map { ($0.key.text, $0.value) })
        ], "response": [:] as [String: Any],
      ]
      let bytes = Array(try JSONSerialization.data(withJSONObject: event))
      let answer = try function.invoke(bytes)
      if !source.hasPrefix("TokenGeneration") { XCTAssertTrue(answer.echoes(bytes), source) }
      return try function.lastOutcome()
    }

    /// The record as CloudTrail would write it. - Returns: what the log calls the outcome.
    @discardableResult
    func record(_ name: String, sub: String) throws -> String? {
      let bytes = TestRecord(
        name, sub: sub, userPoolID: name.hasPrefix("Admin") ? pool.text : nil
      ).bytes
      XCTAssertTrue(try function.invoke(bytes).echoes(bytes), name)
      return try function.lastOutcome()
    }

    /// Asserts that the row is what `AdminGetUser` says.
    func assertInStep(_ label: String, line: UInt = #line) throws {
      let user = try user()
      let attributes = UserAttributes(user.attributes)
      let rows = try database.query(
        """
        SELECT sub::text, username, email::text, email_verified::text, phone_number, status,
          enabled::text, attributes::text, identities::text, deleted_at::text
        FROM cognito.users
        """)
      XCTAssertEqual(rows.count, 1, label, line: line)
      let row = try XCTUnwrap(rows.first, label, line: line)
      XCTAssertEqual(row[0], attributes.sub?.description, label, line: line)
      XCTAssertEqual(row[1], user.username, label, line: line)
      XCTAssertEqual(row[2], attributes.email, label, line: line)
      XCTAssertEqual(
        row[3], attributes.isEmailVerified.map { $0 ? "true" : "false" }, label, line: line)
      XCTAssertEqual(row[4], attributes.phoneNumber, label, line: line)
      XCTAssertEqual(row[5], user.status, label, line: line)
      XCTAssertEqual(row[6], user.isEnabled.map { $0 ? "true" : "false" }, label, line: line)
      XCTAssertEqual(
        try row[7].map { try JSONValue(parsing: Array($0.utf8)) },
        try JSONValue(parsing: Array(attributes.othersJSON.utf8)), label, line: line)
      XCTAssertEqual(
        try row[8].map { try JSONValue(parsing: Array($0.utf8)) },
        try attributes.identitiesJSON.map { try JSONValue(parsing: Array($0.utf8)) }, label,
        line: line)
      XCTAssertNil(row[9], label, line: line)
    }
  }

  func testTheRowIsWhatCognitoSaysAfterEveryStep() throws {
    let year = try Year()
    let (moto, pool) = (year.moto, year.pool)

    // January: signs up. There is no row before the confirmation.
    try moto.signUp(
      Self.name, password: Self.password, attributes: ["email": "ada@example.com"],
      client: year.client)
    XCTAssertEqual(try year.trigger("PreSignUp_SignUp"), "passed")
    XCTAssertEqual(try year.database.value("SELECT count(*) FROM cognito.users"), "0")

    // Confirms; signs in.
    try moto.confirmSignUp(Self.name, client: year.client)
    XCTAssertEqual(try year.trigger("PostConfirmation_ConfirmSignUp"), "inserted")
    try year.assertInStep("confirmed")
    let sub = try year.sub()
    let id = try year.database.value("SELECT id FROM cognito.users")
    XCTAssertEqual(try year.trigger("PostAuthentication_Authentication"), "unchanged")
    XCTAssertEqual(try year.trigger("TokenGeneration_Authentication"), "overridden")
    try year.assertInStep("signed in")

    // March: changes the address in the account page, which fires no trigger.
    let token = try moto.signIn(Self.name, password: Self.password, client: year.client)
    try moto.updateOwnAttributes(
      ["email": "lovelace@example.com", "name": "Ada Lovelace"], accessToken: token)
    XCTAssertEqual(try year.record("UpdateUserAttributes", sub: sub), "updated")
    try year.assertInStep("changed the address")
    try moto.setAttributes(["email_verified": "true"], of: Self.name, in: pool)
    XCTAssertEqual(try year.record("VerifyUserAttribute", sub: sub), "updated")
    try year.assertInStep("verified the address")
    // It comes twice.
    XCTAssertEqual(try year.record("UpdateUserAttributes", sub: sub), "unchanged")

    // May: disabled, and a while later enabled. The records come in the wrong order.
    try moto.setEnabled(false, Self.name, in: pool)
    XCTAssertEqual(try year.record("AdminDisableUser", sub: sub), "updated")
    try year.assertInStep("disabled")
    XCTAssertEqual(try year.database.value("SELECT count(*) FROM cognito.users_live"), "0")
    try moto.setEnabled(true, Self.name, in: pool)
    XCTAssertEqual(try year.record("AdminEnableUser", sub: sub), "updated")
    try year.assertInStep("enabled")
    XCTAssertEqual(try year.record("AdminDisableUser", sub: sub), "unchanged")
    try year.assertInStep("enabled, told late of the disabling")

    // July: an administrator sets a new password, and changes an attribute.
    try moto.resetPassword(Self.name, in: pool)
    XCTAssertEqual(try year.record("AdminResetUserPassword", sub: sub), "updated")
    try year.assertInStep("password reset")
    try moto.setAttributes(
      ["custom:userId": "7", "phone_number": "+15550100001"], of: Self.name, in: pool)
    XCTAssertEqual(try year.record("AdminUpdateUserAttributes", sub: sub), "updated")
    try year.assertInStep("changed by an administrator")

    // September: linked to another provider's identity; then a token is all that is seen.
    let identity =
      #"[{"userId":"7","providerName":"AcmeSAML","providerType":"SAML","issuer":"urn:acme","primary":false,"dateCreated":1718000000123}]"#
    try moto.setAttributes(["identities": identity], of: Self.name, in: pool)
    XCTAssertEqual(try year.record("AdminLinkProviderForUser", sub: sub), "updated")
    try year.assertInStep("linked")
    XCTAssertEqual(
      try year.database.value("SELECT identities -> 0 ->> 'providerName' FROM cognito.users"),
      "AcmeSAML")
    try moto.setAttributes(["name": "Countess of Lovelace"], of: Self.name, in: pool)
    XCTAssertEqual(try year.trigger("TokenGeneration_RefreshTokens"), "overridden")
    try year.assertInStep("a token")

    // December: deletes herself. Everything that still comes is of before.
    try moto.deleteUser(Self.name, in: pool)
    XCTAssertEqual(try year.record("DeleteUser", sub: sub), "deleted")
    let deletedAt = try XCTUnwrap(year.database.value("SELECT deleted_at FROM cognito.users"))
    for late in ["AdminEnableUser", "UpdateUserAttributes", "DeleteUser"] {
      XCTAssertEqual(try year.record(late, sub: sub), "unchanged", late)
    }
    XCTAssertEqual(
      try year.database.query("SELECT id::text, deleted_at::text FROM cognito.users"),
      [[id, deletedAt]], "the row stays, and the mark")
    XCTAssertEqual(try year.database.value("SELECT count(*) FROM cognito.users_live"), "0")

    // Somebody else takes the name: another user.
    try moto.createUser(Self.name, attributes: ["email": "bob@example.com"], in: pool)
    XCTAssertEqual(try year.record("AdminCreateUser", sub: try year.sub()), "inserted")
    XCTAssertEqual(
      try year.database.query(
        "SELECT email::text, (deleted_at IS NULL)::text FROM cognito.users ORDER BY created_at"),
      [["lovelace@example.com", "false"], ["bob@example.com", "true"]])
    // Nothing of a person is in the log.
    XCTAssertEqual(
      try year.function.logText.givesAway(["example.com", "Lovelace", "+1555"]), [])
  }
}

import CognitoTriggers
import JSON
import XCTest

@testable import TriggerFunction

/// Who signs up, before anybody is asked.
final class LinkSourceTests: XCTestCase {
  private func source(
    _ userName: String, _ changes: [JSONKey: JSONValue] = [:], providers: String? = nil,
    attribute: String? = nil
  ) throws -> LinkSource {
    let settings =
      try providers.map { try LinkScene.settings($0, attribute: attribute) }
      ?? LinkScene.settings(attribute: attribute)
    let attributes: [JSONKey: JSONValue] = [
      "email": .string(LinkScene.address), "email_verified": .string("true"),
    ]
    return try LinkSource(
      FederatedProfile(
        userName: userName, attributes: UserAttributes(attributes.merging(changes) { $1 })),
      settings)
  }

  func testTheSubjectIsWhatFollowsTheFirstUnderscoreOrTheAttribute() throws {
    let apple = "001234.0123456789abcdef0123456789abcdef.0456"
    let rows: [(name: String, mapped: String?, provider: String, subject: String)] = [
      ("Google_115", nil, "Google", "115"),
      // As a pool that does not tell cases apart has it: the provider keeps the name that it has in the pool.
      ("google_115", nil, "Google", "115"),
      ("signinwithapple_\(apple)", nil, "SignInWithApple", apple),
      // The provider's capitals are there, so the subject's are.
      ("LoginWithAmazon_amzn1.account.AF2", nil, "LoginWithAmazon", "amzn1.account.AF2"),
      ("AcmeSAML_Ada", nil, "AcmeSAML", "Ada"),
      (
        "loginwithamazon_amzn1.account.af2", "amzn1.account.AF2", "LoginWithAmazon",
        "amzn1.account.AF2"
      ),
      ("acmesaml_ada_lovelace", "Ada_Lovelace", "AcmeSAML", "Ada_Lovelace"),
      ("google_115", "115", "Google", "115"),
      // Mapped, but not given.
      ("google_115", "", "Google", "115"),
    ]
    for row in rows {
      let source = try source(
        row.name, row.mapped.map { ["custom:subject": .string($0)] } ?? [:],
        attribute: "custom:subject")
      XCTAssertEqual(source.provider.text, row.provider, row.name)
      XCTAssertEqual(source.subject, row.subject, row.name)
      XCTAssertEqual(source.address, LinkScene.address)
    }
  }

  func testEachDoubtHasItsWord() throws {
    let rows: [(name: String, changes: [JSONKey: JSONValue], doubt: LinkDoubt)] = [
      ("Facebook_115", [:], .notListed),
      ("", [:], .notListed), ("ada", [:], .notListed), ("_115", [:], .notListed),
      ("Google", [:], .notListed), ("GoogleX_115", [:], .notListed),
      // Somebody else's provider, and a name with several underscores.
      ("Evil_Google_115", [:], .notListed), ("Google_115_2", [:], .subject),
      ("google_acmesaml_115", [:], .subject), ("Google__115", [:], .subject),
      ("acmesaml_ada_lovelace", [:], .capitals),
      ("acmesaml_ada_lovelace", ["custom:subject": .string("lovelace")], .subject),
      ("Google_115", ["email": .null], .noAddress),
      ("Google_115", ["email": .string("")], .noAddress),
      ("Google_115", ["email_verified": .null], .unverified),
      ("Google_115", ["email_verified": .string("false")], .unverified),
      ("Google_115", ["email_verified": .boolean(false)], .unverified),
      ("Google_115", ["email_verified": .string("1")], .unverified),
      ("Google_115", ["email_verified": .string("true,false")], .unverified),
      ("Google_115", ["email": .string("ada\"@example.com")], .oddAddress),
      ("Google_115", ["email": .string("\"Ada\" <ada@example.com>")], .oddAddress),
      ("Google_115", ["email": .string("ada\\@example.com")], .oddAddress),
      ("Google_115", ["email": .string("ada@example.com\n")], .oddAddress),
      (
        "Google_115", ["email": .string("\(String(repeating: "a", count: 250))@example.com")],
        .oddAddress
      ),
      ("Google_", [:], .subject), ("Google_x115", [:], .subject), ("Google_११५", [:], .subject),
      ("SignInWithApple_001234.XYZ", [:], .subject),
      ("loginwithamazon_amzn1.account.af2", [:], .capitals),
      ("acmesaml_ada", [:], .capitals), ("AcmeSaml_Ada", [:], .capitals),
      // Mapped to something else than the subject, or to somebody else's.
      ("google_115", ["custom:subject": .string("116")], .subject),
      ("AcmeSAML_Ada", ["custom:subject": .string("Ada Lovelace")], .subject),
      // The Kelvin sign, whose lower case is a k.
      ("acmesaml_k", ["custom:subject": .string("\u{212A}")], .subject),
      ("acmesaml_\u{E9}", ["custom:subject": .string("e\u{301}")], .subject),
    ]
    for row in rows {
      XCTAssertThrowsError(
        try source(row.name, row.changes, attribute: "custom:subject"), row.name
      ) { XCTAssertEqual($0 as? LinkDoubt, row.doubt, "\(row.name) \(row.changes)") }
    }
  }

  func testOnlyTheAddressItselfIsRead() throws {
    let source = try source(
      "Google_115",
      [
        "name": .string("Ada <bob@example.com>"), "preferred_username": .string("bob@example.com"),
        "email_verified": .boolean(true),
      ])
    XCTAssertEqual(source.address, LinkScene.address)
    XCTAssertThrowsError(
      try self.source("Google_115", ["name": .string(LinkScene.address), "email": .null])
    ) { XCTAssertEqual($0 as? LinkDoubt, .noAddress) }
  }
}

import CognitoAPI
import CognitoTriggers
import XCTest

@testable import TriggerFunction

/// Who has the address, as Cognito lists and describes them: each condition, broken alone.
final class LinkRuleTests: XCTestCase {
  private static let other = "9a3337b1-51ed-4b0b-9b5c-3a7a0a0f3c11"

  private func found(_ listed: [CognitoUser], address: String = LinkScene.address) throws -> String?
  {
    try LinkRule.native(among: listed, for: LinkScene.source(address: address))?.username
  }

  func testTheOneNativeUserWithTheAddressIsFound() throws {
    XCTAssertNil(try found([]))
    XCTAssertEqual(try found([LinkScene.native()]), "ada")
    let federated = try LinkScene.native("Facebook_1", sub: Self.other, status: "EXTERNAL_PROVIDER")
    XCTAssertEqual(try found([federated, LinkScene.native(), federated]), "ada")
    XCTAssertNil(try found([federated]))
  }

  func testALookAlikeDoesNotHaveTheAddress() throws {
    let lookAlikes = [
      "ada+1@example.com", "ada@example.com ", " ada@example.com", "ada@example.com.",
      "ada@sub.example.com", "a.da@example.com", "ada@example.co",
      // Full-width letters and at sign, a Cyrillic a, a dotless i's kin, a soft hyphen, a zero-width space.
      "\u{FF41}da@example.com", "ada\u{FF20}example.com", "\u{430}da@example.com",
      "ada@ex\u{AD}ample.com", "ada\u{200B}@example.com", "ada@example\u{3002}com",
      "Ada <ada@example.com>", "ada@example.com,bob@example.com",
    ]
    for address in lookAlikes {
      XCTAssertNil(try found([LinkScene.native(["email": address])]), address)
      XCTAssertNil(try found([LinkScene.native()], address: address), address)
    }
    for (one, other) in [
      ("ada@b\u{FC}cher.example", "ada@xn--bcher-kva.example"),
      // Equal to Swift, and to whoever normalises.
      ("\u{E9}@example.com", "e\u{301}@example.com"), ("\u{212A}@example.com", "k@example.com"),
      ("\u{C9}@example.com", "\u{E9}@example.com"),
    ] {
      XCTAssertNil(try found([LinkScene.native(["email": one])], address: other), one)
      XCTAssertNil(try found([LinkScene.native(["email": other])], address: one), other)
      XCTAssertEqual(try found([LinkScene.native(["email": one])], address: one), "ada")
    }
  }

  func testSeveralNativesAreNobody() throws {
    for second in [
      try LinkScene.native("bob", sub: Self.other),
      try LinkScene.native(
        "bob", sub: Self.other, status: "UNCONFIRMED", ["email_verified": "false"]),
      try LinkScene.native("bob", sub: Self.other, enabled: false),
      try LinkScene.native("bob", sub: Self.other, ["email": "ADA@example.com"]),
      // Whose status nobody tells.
      try LinkScene.native("bob", sub: Self.other, status: nil),
    ] {
      for listed in [[try LinkScene.native(), second], [second, try LinkScene.native()]] {
        XCTAssertThrowsError(try found(listed)) { XCTAssertEqual($0 as? LinkDoubt, .ambiguous) }
      }
    }
  }

  func testAnAddressInAnotherCaseIsNotTheSame() throws {
    for address in ["Ada@example.com", "ada@Example.com"] {
      XCTAssertThrowsError(try found([LinkScene.native(["email": address])])) {
        XCTAssertEqual($0 as? LinkDoubt, .otherCase, address)
      }
      XCTAssertThrowsError(try found([LinkScene.native()], address: address)) {
        XCTAssertEqual($0 as? LinkDoubt, .otherCase, address)
      }
    }
  }

  func testWhomCognitoDescribesMustBeAllThatTheRuleAsks() throws {
    let five = LinkScene.identities("A", "B", "C", "D", "E")
    let rows: [(asked: CognitoUser, doubt: LinkDoubt?)] = [
      (try LinkScene.native(), nil),
      (try LinkScene.native(["identities": "[]"]), nil),
      (try LinkScene.native(["identities": ""]), nil),
      (try LinkScene.native(["identities": LinkScene.identities("A", "B", "C", "D")]), nil),
      (try LinkScene.native(sub: Self.other), .changed),
      (try LinkScene.native(["sub": nil]), .changed),
      (try LinkScene.native(["email": nil]), .changed),
      (try LinkScene.native(["email": "bob@example.com"]), .changed),
      (try LinkScene.native(["email": "Ada@example.com"]), .changed),
      (try LinkScene.native(status: "UNCONFIRMED"), .unconfirmed),
      (try LinkScene.native(status: "FORCE_CHANGE_PASSWORD"), .unconfirmed),
      (try LinkScene.native(status: "RESET_REQUIRED"), .unconfirmed),
      (try LinkScene.native(status: "EXTERNAL_PROVIDER"), .unconfirmed),
      (try LinkScene.native(status: "confirmed"), .unconfirmed),
      (try LinkScene.native(status: nil), .unconfirmed),
      (try LinkScene.native(enabled: false), .disabled),
      (try LinkScene.native(enabled: nil), .disabled),
      (try LinkScene.native(["email_verified": "false"]), .addressUnverified),
      (try LinkScene.native(["email_verified": nil]), .addressUnverified),
      (try LinkScene.native(["identities": LinkScene.identities("Google")]), .alreadyLinked),
      (try LinkScene.native(["identities": LinkScene.identities("google")]), .alreadyLinked),
      (
        try LinkScene.native(["identities": LinkScene.identities("A", "B", "C", "D", "Google")]),
        .alreadyLinked
      ),
      (try LinkScene.native(["identities": five]), .full),
      (try LinkScene.native(["identities": "[{"]), .identities),
      (try LinkScene.native(["identities": "{}"]), .identities),
      (try LinkScene.native(["identities": #"[{"userId":"1"}]"#]), .identities),
      (try LinkScene.native(["identities": #"[{"userId":1,"providerName":"A"}]"#]), .identities),
    ]
    for (index, row) in rows.enumerated() {
      let doubt: LinkDoubt?
      do {
        try LinkRule.check(
          row.asked, isAt: XCTUnwrap(Sub(LinkScene.sub)), for: LinkScene.source())
        doubt = nil
      } catch {
        doubt = try XCTUnwrap(error as? LinkDoubt)
      }
      XCTAssertEqual(doubt, row.doubt, "\(index)")
    }
  }

  func testOnlyTheVeryIdentityIsThisOne() throws {
    let rows: [(identities: String?, isLinked: Bool)] = [
      (nil, false), ("[]", false), ("[{", false),
      (#"[{"userId":"\#(LinkScene.subject)","providerName":"Google"}]"#, true),
      (#"[{"userId":"\#(LinkScene.subject)","providerName":"Facebook"}]"#, false),
      (#"[{"userId":"116","providerName":"Google"}]"#, false),
    ]
    for row in rows {
      XCTAssertEqual(
        LinkRule.isLinked(
          try LinkScene.source(), to: try LinkScene.native(["identities": row.identities])),
        row.isLinked, "\(row)")
    }
  }

  func testEveryDoubtIsToldInWordsOfItsOwn() {
    XCTAssertEqual(Set(LinkDoubt.allCases.map(\.meaning)).count, LinkDoubt.allCases.count)
  }
}

import Foundation
import JSON
import TestSupport
import XCTest

@testable import CognitoTriggers

final class TokenOverrideTests: XCTestCase {
  private func answer(
    to event: String, groups: [String] = ["admin", "b"], keeping kept: KeptGroups? = nil
  ) throws -> String {
    let answer = try TokenOverride(Array(event.utf8), keeping: kept).answer(groups: groups).event
    return String(decoding: answer, as: UTF8.self)
  }

  /// As events are read: a byte-order mark may stand before them.
  private func read(_ bytes: [UInt8]) throws -> JSONValue {
    var reader = try JSONReader(bytes, allowsByteOrderMark: true)
    let value = try reader.value()
    try reader.end()
    return value
  }

  /// What `answer` must be read as: `event` with nothing but the override changed.
  private func overridden(
    _ event: [UInt8], groups: [String]
  ) throws -> (value: JSONValue, member: JSONKey) {
    var event = try XCTUnwrap(read(event).object)
    let version =
      switch event["version"] {
      case .string(let text): text
      case .number(let number): number.text
      default: ""
      }
    let members: [JSONKey] = ["claimsOverrideDetails", "claimsAndScopeOverrideDetails"]
    let there = members.filter { event["response"]?.object?[$0] != nil }
    let member = there.count == 1 ? there[0] : members[["2", "3"].contains(version) ? 1 : 0]
    let configuration = event["request"]?.object?["groupConfiguration"]?.object ?? [:]
    var override: [JSONKey: JSONValue] = ["groupsToOverride": .array(groups.map(JSONValue.string))]
    for name: JSONKey in ["iamRolesToOverride", "preferredRole"] {
      override[name] = configuration[name]
    }
    var response = event["response"]?.object ?? [:]
    var details = response[member]?.object ?? [:]
    details["groupOverrideDetails"] = .object(override)
    response[member] = .object(details)
    event["response"] = .object(response)
    return (.object(event), member)
  }

  func testEveryTokenEventOfEveryVersionIsAnsweredWithTheGroupsAndNothingElse() throws {
    var versions: Set<String> = []
    for file in try TestEnvironment.fixtureFiles(in: "events/sources")
    where file.lastPathComponent.hasPrefix("TokenGeneration") {
      let event = Array(try Data(contentsOf: file))
      for groups in [[], ["admin"], ["ä \"quoted\"\\", "b\u{1}\n", "😀"]] {
        let answer = try TokenOverride(event).answer(groups: groups).event
        let (expected, member) = try overridden(event, groups: groups)
        XCTAssertEqual(try read(answer), expected, file.lastPathComponent)
        // The bytes before and after the null that AWS sends.
        let place = Array("\"\(member)\":".utf8)
        let range = try XCTUnwrap(event.firstRange(of: place))
        XCTAssertTrue(answer.starts(with: event[..<range.upperBound]))
        XCTAssertTrue(answer.reversed().starts(with: "}}".utf8))
        XCTAssertEqual(event[range.upperBound...], Array("null}}".utf8)[...])
        versions.insert(member.text)
      }
    }
    XCTAssertEqual(versions, ["claimsOverrideDetails", "claimsAndScopeOverrideDetails"])
  }

  func testAByteOrderMarkStaysWhereItIs() throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let event = Array(
      #"{"version":"2","request":{},"response":{"claimsAndScopeOverrideDetails":null}}"#.utf8)
    XCTAssertEqual(
      try TokenOverride(mark + event).answer(groups: ["a"]).event,
      mark + (try TokenOverride(event).answer(groups: ["a"]).event))
  }

  func testTheBytes() throws {
    let groups = #"{"groupsToOverride":["admin","b"]}"#
    let rows = [
      (
        #"{"version":"1","response":{"claimsOverrideDetails":null}}"#,
        #"{"version":"1","response":{"claimsOverrideDetails":{"groupOverrideDetails":\#(groups)}}}"#
      ),
      (
        #"{"version":"1"}"#,
        #"{"response":{"claimsOverrideDetails":{"groupOverrideDetails":\#(groups)}},"version":"1"}"#
      ),
      (
        #"{"version":2,"response":null}"#,
        #"{"version":2,"response":{"claimsAndScopeOverrideDetails":{"groupOverrideDetails":\#(groups)}}}"#
      ),
      (
        #"{"version":"\u0033","response":{}}"#,
        #"{"version":"\u0033","response":{"claimsAndScopeOverrideDetails":{"groupOverrideDetails":\#(groups)}}}"#
      ),
      (
        "{ \"respon\\u0073e\" : { \"x\" : 1 } ,\r\n\t\"version\" : 1 }",
        "{ \"respon\\u0073e\" : {\"claimsOverrideDetails\":{\"groupOverrideDetails\":\(groups)}, \"x\" : 1 } ,\r\n\t\"version\" : 1 }"
      ),
      (
        #"{"version":"1","response":{"claimsOverrideDetails":{"claimsToSuppress":["email"]}}}"#,
        #"{"version":"1","response":{"claimsOverrideDetails":{"groupOverrideDetails":\#(groups),"claimsToSuppress":["email"]}}}"#
      ),
      (
        #"{"version":"1","response":{"claimsOverrideDetails":{"claimsToAddOrOverride":{"a":"b"},"groupOverrideDetails":{"groupsToOverride":["old"],"preferredRole":"old"}}}}"#,
        #"{"version":"1","response":{"claimsOverrideDetails":{"claimsToAddOrOverride":{"a":"b"},"groupOverrideDetails":\#(groups)}}}"#
      ),
      (
        #"{"version":"2","response":{"claimsOverrideDetails":null,"claimsAndScopeOverrideDetails":{"groupOverrideDetails":"odd"}}}"#,
        #"{"version":"2","response":{"claimsOverrideDetails":null,"claimsAndScopeOverrideDetails":{"groupOverrideDetails":\#(groups)}}}"#
      ),
      (
        #"{"version":"1","response":1,"response":{}}"#,
        #"{"version":"1","response":1,"response":{"claimsOverrideDetails":{"groupOverrideDetails":\#(groups)}}}"#
      ),
    ]
    for (event, expected) in rows { XCTAssertEqual(try answer(to: event), expected, event) }
  }

  private static let claims =
    #"{"id": {"n": 1e400, "s": "ä\u0001", "o": {"b": 1, "a": [true, null]}}, "#
    + #""access": {"role": "authenticated"}, "scopes": ["a/b"], "suppress": ["email"]}"#

  func testClaimsArePutWhereTheFormOfTheEventHasThem() throws {
    let rows = [
      (
        #"{"version":"2","response":{"claimsAndScopeOverrideDetails":null}}"#,
        #"{"accessTokenGeneration":{"scopesToAdd":["a/b"],"claimsToSuppress":["email"],"#
          + #""claimsToAddOrOverride":{"role":"authenticated"}},"#
          + #""idTokenGeneration":{"claimsToSuppress":["email"],"#
          + #""claimsToAddOrOverride":{"n":1e400,"s":"ä\u0001","o":{"b": 1, "a": [true, null]}}}}"#
      ),
      (
        #"{"version":"1","response":{"claimsOverrideDetails":null}}"#,
        #"{"claimsToSuppress":["email"],"claimsToAddOrOverride":{"s":"ä\u0001"}}"#
      ),
    ]
    let claims = try TokenClaims(Self.claims)
    for (event, details) in rows {
      let answer = try TokenOverride(Array(event.utf8)).answer(groups: nil, claims: claims).event
      XCTAssertEqual(
        String(decoding: answer, as: UTF8.self),
        event.replacingOccurrences(of: "null", with: details))
    }
  }

  func testWhatVersion1CannotCarryIsToldAndNothingElseIs() throws {
    let rows: [(claims: String, lost: [LostClaim])] = [
      (Self.claims, [.notAString("n"), .notAString("o"), .ofTheAccessToken, .scopes]),
      (#"{"id":{"a":"b"}}"#, []), (#"{"id":{"a":null}}"#, [.notAString("a")]),
      (#"{"suppress":["a"]}"#, [.ofTheAccessToken]), (#"{"scopes":["a"]}"#, [.scopes]), ("{}", []),
    ]
    for row in rows {
      let claims = try TokenClaims(row.claims)
      for (version, lost) in [("1", row.lost), ("0", row.lost), ("2", []), ("3", [])] {
        let event = Array(#"{"version":"\#(version)","response":null}"#.utf8)
        let answer = try TokenOverride(event).answer(groups: nil, claims: claims)
        XCTAssertEqual(answer.lost, lost, row.claims)
        if row.claims == "{}" { XCTAssertEqual(answer.event, event) }
      }
    }
    XCTAssertEqual(
      LostClaim.notAString("age").description,
      "version 1 of the token event does not carry the claim 'age', which is no string: "
        + "let the pool send version 2 (V2_0), or 3")
    XCTAssertFalse(LostClaim.notAString("ada@example.com").description.contains("ada"))
  }

  /// Claims and groups stand beside each other, and beside what was there.
  func testGroupsAndClaimsAreOneAnswer() throws {
    let claims = try TokenClaims(#"{"id":{"a":"b"}}"#)
    for file in try TestEnvironment.fixtureFiles(in: "events/sources")
    where file.lastPathComponent.hasPrefix("TokenGeneration") {
      let event = Array(try Data(contentsOf: file))
      let both = try TokenOverride(event).answer(groups: ["admin"], claims: claims).event
      let (expected, member) = try overridden(event, groups: ["admin"])
      var details = try XCTUnwrap(
        read(both).object?["response"]?.object?[member]?.object, file.lastPathComponent)
      if member == "claimsOverrideDetails" {
        XCTAssertEqual(
          details.removeValue(forKey: "claimsToAddOrOverride"), .object(["a": .string("b")]))
      } else {
        XCTAssertEqual(
          details.removeValue(forKey: "idTokenGeneration"),
          .object(["claimsToAddOrOverride": .object(["a": .string("b")])]))
      }
      XCTAssertEqual(details, expected.object?["response"]?.object?[member]?.object)
    }
  }

  func testAMemberThatCannotHoldClaimsIsNoFormOfAnEvent() throws {
    let event = Array(
      #"{"version":"2","response":{"claimsAndScopeOverrideDetails":{"idTokenGeneration":"x"}}}"#
        .utf8)
    let override = try TokenOverride(event)
    let claims = try TokenClaims(#"{"id":{"a":"b"}}"#)
    XCTAssertThrowsError(try override.answer(groups: nil, claims: claims)) {
      XCTAssertEqual($0 as? TokenEventError, .malformed)
    }
  }

  func testIAMRolesAreCopiedAsTheyCame() throws {
    let rows = [
      (#"{}"#, ""), ("null", ""), (#"{"groupsToOverride":["old"]}"#, ""),
      (
        #"{"iamRolesToOverride": [ "a\/b" , "\u00e9" ] }"#,
        #","iamRolesToOverride":[ "a\/b" , "\u00e9" ]"#
      ),
      (#"{"preferredRole":null}"#, #","preferredRole":null"#),
      (
        #"{"preferredRole":"p","x":1,"iamRolesToOverride":["r"]}"#,
        #","iamRolesToOverride":["r"],"preferredRole":"p""#
      ),
    ]
    for (configuration, kept) in rows {
      let event =
        #"{"version":"1","request":{"groupConfiguration":\#(configuration)},"response":{}}"#
      XCTAssertTrue(
        try answer(to: event, groups: []).hasSuffix(
          #"{"groupOverrideDetails":{"groupsToOverride":[]\#(kept)}}}}"#), configuration)
    }
  }

  func testTheMemberThatTheResponseHasDecidesAndElseTheVersion() throws {
    let (claims, claimsAndScope) = ("claimsOverrideDetails", "claimsAndScopeOverrideDetails")
    let versions: [(version: String, member: String)] = [
      ("\"1\"", claims), ("1", claims), ("\"2\"", claimsAndScope), ("3", claimsAndScope),
      // What is not known counts as 1.
      ("\"0\"", claims), ("\"$LATEST\"", claims), ("\"4\"", claims), ("4", claims),
      ("\"\"", claims),
      ("null", claims), ("true", claims), ("1.0", claims), ("\" 1\"", claims), ("[2]", claims),
      ("{}", claims),
    ]
    for row in versions {
      let responses: [(response: String, member: String)] = [
        ("null", row.member), ("{}", row.member), (#"{"x":{"\#(claimsAndScope)":1}}"#, row.member),
        (#"{"\#(claims)":null}"#, claims), (#"{"\#(claimsAndScope)":null}"#, claimsAndScope),
        (#"{"\#(claims)":null,"\#(claimsAndScope)":null}"#, row.member),
        (#"{"\#(claims)":{"groupOverrideDetails":{}}}"#, claims),
        // Of two members with one key the last counts.
        (#"{"\#(claims)":null},"response":{}"#, row.member),
        (#"{"\#(claims)":null},"response":{"\#(claimsAndScope)":{}}"#, claimsAndScope),
      ]
      for (response, member) in responses {
        for event in [
          #"{"version":\#(row.version),"response":\#(response)}"#,
          #"{"response":\#(response),"version":\#(row.version)}"#,
        ] {
          let answered = try XCTUnwrap(
            JSONValue(parsing: Array(try answer(to: event).utf8)).object?["response"]?.object)
          XCTAssertEqual(
            answered[JSONKey(member)]?.object?["groupOverrideDetails"]?.object?["groupsToOverride"],
            .array([.string("admin"), .string("b")]), event)
        }
      }
    }
    XCTAssertTrue(try answer(to: "{}").contains(claims))
  }

  func testGroupsOfCognitosThatAreKeptStandBesideTheRoles() throws {
    let kept = try XCTUnwrap(KeptGroups("pool_Acme, staff-*"))
    let rows: [(groups: String, roles: [String], expected: [String])] = [
      (#"["pool_Acme","other"]"#, ["zebra", "admin"], ["admin", "pool_Acme", "zebra"]),
      (#"["staff-b","staff-","staff","pool_Acme2"]"#, [], ["staff-", "staff-b"]),
      (#"["pool_Acme","pool_Acme"]"#, ["pool_Acme"], ["pool_Acme"]),
      // By the bytes, as the database sorts: capitals first. And equal is what has the same bytes.
      (
        #"["staff-\u00e9","staff-e\u0301"]"#, ["a", "B"],
        ["B", "a", "staff-e\u{301}", "staff-\u{e9}"]
      ),
      ("[\"staff-\"]", ["e\u{301}", "f"], ["e\u{301}", "f", "staff-"]),
      // Nothing is kept: the roles stay as they came.
      (#"["other"]"#, ["b", "a", "b"], ["b", "a", "b"]),
      ("[]", ["a"], ["a"]), ("null", ["a"], ["a"]), (#""pool_Acme""#, ["a"], ["a"]),
      (#"[1,null,["pool_Acme"],{"pool_Acme":1}]"#, ["a"], ["a"]),
    ]
    for row in rows {
      let event =
        #"{"version":"1","request":{"groupConfiguration":{"groupsToOverride":\#(row.groups),"preferredRole":"p"}},"response":{}}"#
      let list = JSONValue.array(row.expected.map(JSONValue.string)).jsonText
      XCTAssertTrue(
        try answer(to: event, groups: row.roles, keeping: kept).hasSuffix(
          #"{"groupOverrideDetails":{"groupsToOverride":\#(list),"preferredRole":"p"}}}}"#),
        row.groups)
      let without = JSONValue.array(row.roles.map(JSONValue.string)).jsonText
      XCTAssertTrue(
        try answer(to: event, groups: row.roles).hasSuffix(
          #"{"groupOverrideDetails":{"groupsToOverride":\#(without),"preferredRole":"p"}}}}"#),
        row.groups)
    }
    for configuration in ["null", "{}"] {
      let event = #"{"version":"1","request":{"groupConfiguration":\#(configuration)}}"#
      XCTAssertEqual(try answer(to: event, keeping: kept), try answer(to: event))
    }
  }

  func testWhereOnlyClaimsAreWantedTheGroupsAreNotRead() throws {
    let event = #"{"version":"1","request":{"groupConfiguration":1},"response":{}}"#
    let override = try TokenOverride(Array(event.utf8))
    let answer = try override.answer(groups: nil, claims: TokenClaims(#"{"id": {"a": "b"}}"#))
    XCTAssertTrue(
      String(decoding: answer.event, as: UTF8.self)
        .contains(#""claimsOverrideDetails":{"claimsToAddOrOverride":{"a":"b"}}"#))
    XCTAssertThrowsError(try override.answer(groups: []))
  }

  func testWhatHasNotTheDocumentedFormIsAnsweredByNobody() {
    let rows = [
      "", "[]", "1", #"{"version":"1""#, #"{"version":"1","response":[]}"#,
      #"{"version":"1","response":"x"}"#,
      #"{"version":"1","response":{"claimsOverrideDetails":1}}"#,
      #"{"version":"2","response":{"claimsAndScopeOverrideDetails":[]}}"#,
      #"{"version":"1","request":1}"#, #"{"version":"1","request":{"groupConfiguration":[{}]}}"#,
    ]
    for event in rows {
      XCTAssertThrowsError(try answer(to: event), event) {
        XCTAssertEqual($0 as? TokenEventError, .malformed)
      }
    }
  }

  func testSpoiledEventsAreAnsweredWithTheOverrideOnlyOrNotAtAll() throws {
    var answered = 0
    for event in try HostileEvents(seed: 7).prefix(2000) {
      guard let answer = try? TokenOverride(event.bytes).answer(groups: ["admin"]).event else {
        continue
      }
      answered += 1
      let (expected, _) = try overridden(event.bytes, groups: ["admin"])
      XCTAssertEqual(try read(answer), expected, event.label)
      // Foundation's reader is narrower: it need only take what it took before.
      if (try? JSONSerialization.jsonObject(with: Data(event.bytes))) != nil {
        XCTAssertNoThrow(try JSONSerialization.jsonObject(with: Data(answer)), event.label)
      }
      // A second time is the same: the place is found again.
      XCTAssertEqual(try TokenOverride(answer).answer(groups: ["admin"]).event, answer, event.label)
    }
    XCTAssertGreaterThan(answered, 700)
  }
}

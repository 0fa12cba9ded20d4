import AppSync
import Clock
import CognitoTriggers
import Foundation
import JSON
import TestSupport
import XCTest

@testable import SampleEvents

final class SampleEventTests: XCTestCase {
  private static let time = Timestamp(microsecondsSinceEpoch: 1_790_000_000_123_456)

  private func event(
    _ name: String, number: Int = 1, _ set: (inout SampleOptions) -> Void = { _ in }
  ) throws -> JSONValue {
    var options = SampleOptions()
    set(&options)
    let source = try XCTUnwrap(SampleSource(name), name)
    return try JSONValue(
      parsing: SampleEvent(of: source, options, number: number, at: Self.time).json)
  }

  /// Where a member is, as `request.session[].challengeName`; those that a client or a person chooses are left out.
  private func places(of value: JSONValue, at place: String = "") -> Set<String> {
    switch value {
    case .object(let members):
      let isFree = ["clientMetadata", "validationData"].contains { place.hasSuffix($0) }
      let personal: Set<JSONKey> = [
        "name", "given_name", "family_name", "email", "email_verified", "phone_number",
        "phone_number_verified",
      ]
      return members.reduce(into: [place]) { places, member in
        guard !isFree, !(place.hasSuffix("userAttributes") && personal.contains(member.key))
        else { return }
        places.formUnion(self.places(of: member.value, at: "\(place).\(member.key)"))
      }
    case .array(let elements):
      return elements.reduce(into: [place]) {
        $0.formUnion(places(of: $1, at: place.hasSuffix("[]") ? place : place + "[]"))
      }
    default: return [place]
    }
  }

  func testATriggersEventHasTheMembersOfItsFixture() throws {
    for file in try TestEnvironment.fixtureFiles(in: "events/sources") {
      let bytes = Array(try Data(contentsOf: file))
      let fixture = try JSONValue(parsing: bytes)
      let (known, request) = (try TriggerEvent(bytes), try XCTUnwrap(fixture.object?["request"]))
      let made = try event(known.sourceName) { options in
        let version = fixture.object?["version"]?.string
        if version != "1" { options.tokenVersion = version.flatMap { .init(rawValue: $0) } }
        if request.object?["clientMetadata"]?.object != nil {
          options.clientMetadata = [("a", "b")]
        }
        if request.object?["validationData"]?.object?.isEmpty == false {
          options.validationData = [("a", "b")]
        }
        if known.attributes.identitiesJSON != nil { options.provider = "Google" }
        if request.object?["groupConfiguration"]?.object?["groupsToOverride"]?.strings?.isEmpty
          == false
        {
          options.groups = ["editors"]
        }
      }
      // A group may have a role of IAM's; no fixture says that it must.
      XCTAssertEqual(
        places(of: made),
        places(of: fixture).subtracting([".request.groupConfiguration.iamRolesToOverride[]"]),
        file.lastPathComponent)
      XCTAssertEqual(
        made.object?["response"], fixture.object?["response"], file.lastPathComponent)
      XCTAssertEqual(
        made.object?["version"], fixture.object?["version"], file.lastPathComponent)
    }
  }

  func testARecordHasTheMembersOfItsFixture() throws {
    for call in FollowedCall.allCases {
      let file = TestEnvironment.fixtures.appendingPathComponent(
        "events/changes/\(call.rawValue).json")
      let fixture = try JSONValue(parsing: Array(try Data(contentsOf: file)))
      let made = try event(call.rawValue)
      XCTAssertEqual(places(of: made), places(of: fixture), call.rawValue)
      for name in ["userIdentity", "requestParameters"] {
        XCTAssertEqual(
          made.object?["detail"]?.object?[JSONKey(name)],
          fixture.object?["detail"]?.object?[JSONKey(name)], call.rawValue)
      }
      let record = try XCTUnwrap(ChangeRecord(Array(made.jsonText.utf8)), call.rawValue)
      XCTAssertEqual(record.call, call)
      XCTAssertEqual(record.time, "2026-09-21T14:13:20Z")
      XCTAssertFalse(record.hasFailed)
    }
  }

  func testATriggersEventSaysWhatIsAskedFor() throws {
    let sub = "9a3337b1-51ed-4b0b-9b5c-3a7a0a0f3c11"
    let text = try event("PostConfirmation_ConfirmSignUp") { options in
      options.userPoolID = UserPoolID("us-east-1_KaB2c3D4e")
      options.clientID = "web"
      options.sub = Sub(sub)
      options.attributes = [("email", "x@y.example"), ("email", "a@example.com"), ("custom:a", "")]
      options.provider = "Google"
      options.clientMetadata = [("k", "v=w")]
    }.jsonText
    let known = try TriggerEvent(Array(text.utf8))
    XCTAssertEqual(known.source, .postConfirmation)
    XCTAssertEqual(known.userPoolID, "us-east-1_KaB2c3D4e")
    XCTAssertEqual(known.region, "us-east-1")
    XCTAssertEqual(known.clientID, "web")
    XCTAssertEqual(known.userName, "Google_1000000001")
    XCTAssertEqual(known.attributes.sub?.description, sub)
    XCTAssertEqual(known.attributes.email, "a@example.com")
    XCTAssertEqual(known.attributes.status, "EXTERNAL_PROVIDER")
    XCTAssertEqual(known.attributes.isEmailVerified, false)
    XCTAssertTrue(text.contains(#""custom:a":"""#), text)
    XCTAssertTrue(text.contains(#""clientMetadata":{"k":"v=w"}"#), text)
    XCTAssertTrue(text.contains(#"\"providerName\":\"Google\""#), text)
    XCTAssertEqual(text.components(separatedBy: "a@example.com").count, 2)
    let replica = try event("PostAuthentication_Authentication") { $0.region = "eu-west-1" }
    XCTAssertEqual(try TriggerEvent(Array(replica.jsonText.utf8)).region, "eu-west-1")
  }

  func testATokensEventSaysWhatIsAskedFor() throws {
    let text = try event("TokenGeneration_Authentication") { options in
      options.tokenVersion = .three
      options.groups = ["staff", "readers"]
      options.scopes = ["orders/read"]
    }.jsonText
    XCTAssertTrue(text.contains(#""groupsToOverride":["staff","readers"]"#), text)
    XCTAssertTrue(text.contains(#""scopes":["orders/read"]"#), text)
    XCTAssertTrue(text.contains(#""version":"3""#), text)
  }

  func testAppSyncsRequestIsReadAsWhatIsAskedFor() throws {
    let made = try event("AppSync") { options in
      options.field = SampleField("Bucket.tags")
      options.arguments = [("limit", .number(10))]
      options.source = [("name", .string("b"))]
      options.groups = ["admin"]
      options.claims = [("tenant", .string("north"))]
    }
    let request = try XCTUnwrap(FieldRequests(Array(made.jsonText.utf8))?.all.first ?? nil)
    XCTAssertEqual(request.parentType, "Bucket")
    XCTAssertEqual(request.field, "tags")
    XCTAssertEqual(request.arguments.jsonText, #"{"limit":10}"#)
    XCTAssertEqual(request.source.jsonText, #"{"name":"b"}"#)
    let claims = try XCTUnwrap(request.claims?.object)
    XCTAssertEqual(claims["sub"]?.string, SampleUser.uuid(1))
    XCTAssertEqual(claims["tenant"]?.string, "north")
    XCTAssertEqual(claims["cognito:groups"]?.strings, ["admin"])
    XCTAssertEqual(
      claims["iss"]?.string,
      "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_ExaMPLe01")
    XCTAssertEqual(claims["exp"], .number(1_790_003_600))
    let plain = try XCTUnwrap(FieldRequests(Array(try event("AppSync").jsonText.utf8)))
    XCTAssertEqual(plain.all.first??.source, .null)
    let batch = try event("AppSync") { $0.batchSize = 3 }
    let requests = try XCTUnwrap(FieldRequests(Array(batch.jsonText.utf8)))
    XCTAssertEqual(requests, .batch(requests.all))
    XCTAssertEqual(requests.all.count, 3)
  }

  func testEachNumberIsAUserAndTheSameOneEachTime() throws {
    for source in SampleSource.all where source.usableOptions.contains(.count) {
      let texts = try (1...3).map { try event(source.name, number: $0).jsonText }
      XCTAssertEqual(Set(texts).count, 3, source.name)
      XCTAssertEqual(try event(source.name, number: 2).jsonText, texts[1], source.name)
    }
    let many = try [1, 9, 10, 123_456, 1_000_000].map { number in
      try TriggerEvent(
        Array(try event("PostConfirmation_ConfirmSignUp", number: number).jsonText.utf8))
    }
    XCTAssertEqual(Set(many.compactMap(\.attributes.sub)).count, 5)
    XCTAssertEqual(Set(many.compactMap(\.attributes.email)).count, 5)
  }

  func testAnOptionForWhichThereIsNoPlaceIsAnErrorThatNamesThoseThereAre() throws {
    func problem(_ name: String, _ set: (inout SampleOptions) -> Void) -> String? {
      do {
        _ = try event(name, set)
        return nil
      } catch {
        return "\(error)"
      }
    }
    XCTAssertEqual(
      problem("Schedule") { $0.provider = "Google" },
      "an event of Schedule has no place for --provider; it takes --region")
    XCTAssertEqual(
      problem("DeleteUser") { $0.userPoolID = UserPoolID("eu-central-1_a") },
      "an event of DeleteUser has no place for --user-pool-id; it takes --region, --sub, --count")
    for (name, set) in [
      ("UserMigration_Authentication", { $0.sub = Sub(SampleUser.uuid(1)) }),
      ("PreSignUp_ExternalProvider", { $0.clientMetadata = [("a", "b")] }),
      ("PreAuthentication_Authentication", { $0.provider = "Google" }),
      ("PostAuthentication_Authentication", { $0.tokenVersion = .two }),
      ("PostAuthentication_Authentication", { $0.field = SampleField("Query.me") }),
      ("AppSync", { $0.attributes = [("a", "b")] }),
      ("TokenGeneration_ClientCredentials", { $0.groups = ["a"] }),
    ] as [(String, (inout SampleOptions) -> Void)] {
      XCTAssertEqual(problem(name, set)?.contains("has no place for --"), true, name)
    }
    XCTAssertEqual(
      problem("TokenGeneration_ClientCredentials") { $0.tokenVersion = .two },
      "\(SampleError.versionOfClientCredentials)")
    XCTAssertEqual(
      problem("TokenGeneration_RefreshTokens") { $0.scopes = ["a"] },
      "\(SampleError.scopesInVersionOne)")
    XCTAssertEqual(
      problem("AppSync") { $0.field = SampleField("Query.1me") }?.hasPrefix("--field Query.1me: "),
      true)
  }

  func testEverySourceHasANameOfItsOwnAndALine() {
    let names = SampleSource.all.map(\.name)
    XCTAssertEqual(Set(names).count, TriggerSource.allCases.count + FollowedCall.allCases.count + 2)
    XCTAssertEqual(names.compactMap { SampleSource($0)?.name }, names)
    XCTAssertEqual(Set(SampleSource.all.map(\.summary)).count, names.count)
    XCTAssertNil(SampleSource("postconfirmation_confirmsignup"))
  }
}

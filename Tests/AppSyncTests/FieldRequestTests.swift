import JSON
import XCTest

@testable import AppSync

final class FieldRequestTests: XCTestCase {
  private static let claims =
    #"{"sub":"s","iss":"https://issuer.example","cognito:groups":["a"],"exp":1.50}"#

  private func event(
    arguments: String = #"{"limit":10}"#, identity: String? = nil, source: String = "null",
    info: String = #"{"fieldName":"me","parentTypeName":"Query","variables":{}}"#
  ) -> String {
    let identity =
      identity
      ?? #"{"sub":"s","issuer":"https://issuer.example","username":"ada","claims":\#(Self.claims)}"#
    return
      #"{"arguments":\#(arguments),"identity":\#(identity),"source":\#(source),"request":{"headers":{}},"#
      + #""prev":null,"info":\#(info),"stash":{}}"#
  }

  private func requests(_ text: String) -> FieldRequests? { FieldRequests(Array(text.utf8)) }

  func testARequestIsReadWithItsClaims() throws {
    let read = try XCTUnwrap(requests(event(source: #"{"id":1}"#)))
    let request = try XCTUnwrap(read.all.first ?? nil)
    XCTAssertEqual(read, .one(request))
    XCTAssertEqual(request.parentType, "Query")
    XCTAssertEqual(request.field, "me")
    XCTAssertEqual(request.arguments.jsonText, #"{"limit":10}"#)
    XCTAssertEqual(request.source.jsonText, #"{"id":1}"#)
    XCTAssertEqual(
      request.claims?.jsonText,
      #"{"cognito:groups":["a"],"exp":1.50,"iss":"https://issuer.example","sub":"s"}"#)
    XCTAssertEqual(requests(event(arguments: "null"))?.all.first??.arguments, .object([:]))
  }

  func testABatchIsReadInItsOrderAndAsAWhole() throws {
    let other = event(info: #"{"fieldName":"tags","parentTypeName":"Bucket"}"#)
    let batch = try XCTUnwrap(requests("[\(event()),\(other)]"))
    XCTAssertEqual(batch, .batch(batch.all))
    XCTAssertEqual(batch.all.map(\.?.field), ["me", "tags"])
    XCTAssertEqual(batch.field, "Query.me")
    for text in ["[]", "[\(event()),{}]", "[[\(event())]]"] { XCTAssertNil(requests(text), text) }
    func deep(_ levels: Int) -> String {
      event(
        source: String(repeating: "[", count: levels) + #""]\"[""#
          + String(repeating: "]", count: levels))
    }
    let uneven = try XCTUnwrap(requests("[\(deep(64)), \(deep(63)) ,\(deep(100_000)),\(other)]"))
    XCTAssertEqual(uneven.all.map(\.?.field), [nil, "me", nil, "tags"])
    XCTAssertEqual(uneven.field, "Query.me")
    for text in [
      "[\(deep(64))]", "[\(deep(64)),{}]", "[\(other),\(deep(64).dropLast(2))", "[\(other)]]",
    ] { XCTAssertNil(requests(text), text) }
    let many = "[" + Array(repeating: event(), count: 1000).joined(separator: ",") + "]"
    XCTAssertEqual(requests(many)?.all.count, 1000)
  }

  func testAPoolIsTheEndOfTheIssuer() {
    for (issuer, pool) in [
      ("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a", "eu-central-1_a"),
      ("https://issuer-cognito-idp.us-east-1.amazonaws.com/eu-central-1_a", "eu-central-1_a"),
      ("http://localhost:4566/eu-central-1_a", "eu-central-1_a"),
      ("https://example.com/eu-central-1_a/", ""), ("eu-central-1_a", "eu-central-1_a"),
    ] {
      let claims = #"{"sub":"s","claims":{"sub":"s","iss":"\#(issuer)"}}"#
      XCTAssertEqual(requests(event(identity: claims))?.all.first??.userPoolID, pool, issuer)
    }
    XCTAssertNil(requests(event(identity: "null"))?.all.first??.userPoolID)
  }

  func testWhatIsNoRequestOfAppSyncsIsNone() {
    let rows = [
      "", "null", "{}", #"{"info":{}}"#, #"{"info":{"fieldName":"me"}}"#,
      event(info: #"{"fieldName":"me","parentTypeName":1}"#),
      event(info: #"{"fieldName":"","parentTypeName":"Query"}"#),
      event(info: #"{"fieldName":"me\"; DROP","parentTypeName":"Query"}"#),
      event(info: #"{"fieldName":"1a","parentTypeName":"Query"}"#),
      event(info: #"{"fieldName":"mé","parentTypeName":"Query"}"#),
      event(
        source: String(repeating: "[", count: 64) + String(repeating: "]", count: 64)),
    ]
    for text in rows { XCTAssertNil(requests(text), text) }
  }

  /// IAM and API keys have no sub; an emulator lets a senseless token through without anything.
  func testWhoIsNotSignedInHasNoClaims() throws {
    let rows = [
      "null", "{}", "[]", #"{"sub":"s"}"#, #"{"sub":"s","claims":null}"#,
      #"{"sub":"s","claims":{"sub":"s"}}"#, #"{"sub":"s","claims":{"iss":"i"}}"#,
      #"{"sub":"s","claims":{"sub":"s","iss":""}}"#, #"{"sub":"s","claims":{"sub":"","iss":"i"}}"#,
      #"{"sub":"other","claims":{"sub":"s","iss":"i"}}"#, #"{"claims":{"sub":"s","iss":"i"}}"#,
      #"{"sub":"s","claims":{"sub":1,"iss":"i"}}"#,
      #"{"accountId":"111122223333","userArn":"arn:aws:iam::111122223333:user/ada","sourceIp":["127.0.0.1"]}"#,
    ]
    for identity in rows {
      let request = try XCTUnwrap(requests(event(identity: identity))?.all.first ?? nil, identity)
      XCTAssertNil(request.claims, identity)
    }
  }
}

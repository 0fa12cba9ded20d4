import Foundation
import XCTest

@testable import LocalLambda

/// What Lambda checks before a function runs, and what it answers then.
final class InvokeRequestTests: XCTestCase {
  private let function = FunctionIdentity(name: "pooltable", region: "eu-central-1")

  private func request(
    _ name: String = "pooltable", query: String = "", headers: [String: String] = [:],
    body: String = "{}"
  ) -> ServedRequest {
    ServedRequest(
      method: "POST", path: "/2015-03-31/functions/\(name)/invocations\(query)", headers: headers,
      body: Array(body.utf8))
  }

  func testEveryFormOfANameIsUnderstood() throws {
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:pooltable"
    let names: [(String, qualifier: String?)] = [
      ("pooltable", nil), ("pooltable:live", "live"), ("pooltable:7", "7"),
      ("pooltable:$LATEST", "$LATEST"), ("pooltable%3A%24LATEST", "$LATEST"),
      ("function:pooltable", nil), ("123456789012:function:pooltable", nil),
      ("123456789012:function:pooltable:live", "live"),
      ("eu-central-1:123456789012:function:pooltable", nil), (arn, nil), ("\(arn):live", "live"),
      (arn.replacingOccurrences(of: ":", with: "%3a"), nil),
      ("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:pooltable", nil),
    ]
    for (name, qualifier) in names {
      XCTAssertEqual(try InvokeRequest(request(name), for: function).qualifier, qualifier, name)
    }
    XCTAssertEqual(
      try InvokeRequest(request(query: "?x=y&Qualifier=%24LATEST"), for: function).qualifier,
      "$LATEST")
    XCTAssertEqual(
      try InvokeRequest(request("pooltable:a", query: "?Qualifier=a"), for: function).qualifier, "a"
    )
  }

  func testWhatLambdaRefusesIsRefusedAsLambdaDoes() {
    let asked = "arn:aws:lambda:eu-central-1:012345678912:function:other"
    let cases: [(ServedRequest, Int, String, words: String)] = [
      (request("other"), 404, "ResourceNotFoundException", "Function not found: \(asked):$LATEST"),
      (
        request("other:live"), 404, "ResourceNotFoundException", "Function not found: \(asked):live"
      ),
      (request(""), 400, "ValidationException", "functionName"),
      (request("a:b:c:d"), 400, "ValidationException", "functionName"),
      (request("pool%ZZtable"), 400, "ValidationException", "functionName"),
      (request("arn:aws:s3:pooltable"), 400, "ValidationException", "functionName"),
      (request(query: "?Qualifier=a%20b"), 400, "ValidationException", "qualifier"),
      (
        request("pooltable:a", query: "?Qualifier=b"), 400, "InvalidParameterValueException",
        "does not match the specified qualifier"
      ),
      (
        request(headers: ["x-amz-invocation-type": "Later"]), 400, "ValidationException",
        "[RequestResponse, Event, DryRun]"
      ),
      (request(headers: ["x-amz-log-type": "All"]), 400, "ValidationException", "[None, Tail]"),
      (request(body: "{nonsense"), 400, "InvalidRequestContentException", "not JSON at byte 1"),
      (request(body: "{} {}"), 400, "InvalidRequestContentException", "not JSON at byte 3"),
      (
        request(headers: ["x-amz-client-context": "%"]), 400, "InvalidRequestContentException",
        "Base64"
      ),
      (ServedRequest(method: "GET", path: "/"), 404, "UnknownOperationException", "Only POST"),
      (
        ServedRequest(method: "GET", path: "/2015-03-31/functions/pooltable/invocations"), 404,
        "UnknownOperationException", "Only POST"
      ),
    ]
    for (request, status, type, words) in cases {
      XCTAssertThrowsError(try InvokeRequest(request, for: function), request.path) { error in
        let refusal = error as? InvokeRefusal
        XCTAssertEqual(refusal?.status, status, words)
        XCTAssertEqual(refusal?.type, type, words)
        XCTAssertTrue(refusal?.message.contains(words) ?? false, "\(words): \(error)")
      }
    }
  }

  func testAPayloadMayBeAsLargeAsOnLambda() {
    for (type, limit) in [("RequestResponse", 6_291_456), ("Event", 1_048_576)] {
      var call = request(headers: ["x-amz-invocation-type": type])
      call.bodyLength = limit
      XCTAssertNoThrow(try InvokeRequest(call, for: function))
      call.bodyLength = limit + 1
      XCTAssertThrowsError(try InvokeRequest(call, for: function)) { error in
        XCTAssertEqual(
          error as? InvokeRefusal,
          InvokeRefusal(
            status: 413, type: "RequestEntityTooLargeException",
            message: "Request must be smaller than \(limit) bytes for the InvokeFunction operation")
        )
      }
    }
  }

  func testWhatNobodySentIsAnEmptyObject() throws {
    XCTAssertEqual(try InvokeRequest(request(body: ""), for: function).payload, Array("{}".utf8))
  }

  func testOnlyWhoWaitsHasALogAndAContext() throws {
    let context = Data(#"{"custom": {"a": 1}}"#.utf8).base64EncodedString()
    var headers = ["x-amz-log-type": "Tail", "x-amz-client-context": context]
    headers["x-amzn-trace-id"] = "Root=1-2-3;Parent=4;Sampled=1"
    let waiting = try InvokeRequest(request(headers: headers), for: function)
    XCTAssertTrue(waiting.wantsLogTail)
    XCTAssertEqual(waiting.clientContext, #"{"custom":{"a":1}}"#)
    XCTAssertEqual(waiting.traceID, "Root=1-2-3;Parent=4;Sampled=1")
    headers["x-amz-invocation-type"] = "Event"
    let later = try InvokeRequest(request(headers: headers), for: function)
    XCTAssertFalse(later.wantsLogTail)
    XCTAssertNil(later.clientContext)
  }

  func testWhatWouldBreakAHeaderIsNotPassedOn() throws {
    let call = request(headers: ["x-amzn-trace-id": "Root=1\nX: y"])
    XCTAssertNil(try InvokeRequest(call, for: function).traceID)
  }

  func testAFunctionHasANameAsOnLambda() {
    for name in ["pooltable", "a-b_C9", String(repeating: "a", count: 64)] {
      XCTAssertTrue(FunctionIdentity.isName(name), name)
    }
    for name in ["", "a b", "a:b", "a.b", "ä", String(repeating: "a", count: 65)] {
      XCTAssertFalse(FunctionIdentity.isName(name), name)
    }
  }
}

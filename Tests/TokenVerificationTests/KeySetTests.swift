import Foundation
import JSON
import TestSupport
import XCTest

@testable import TokenVerification

final class KeySetTests: XCTestCase {
  private func keySet() throws -> JSONWebKeySet {
    try XCTUnwrap(JSONWebKeySet(Array(try PyJWTTokens.signed([]).keySet.utf8)))
  }

  func testWhatIsNoKeySet() {
    for text in [
      "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":["a"]}"#, #"{"keys":[]}x"#,
      #"{"keys":[{"kid":"a"},{"kid":"a"}]}"#, #"{"keys":[{"kid":"a","kid":"b"}]}"#,
    ] {
      XCTAssertNil(JSONWebKeySet(Array(text.utf8)), text)
    }
    XCTAssertNil(
      JSONWebKeySet(Array(#"{"keys":[]}"#.utf8) + Array(repeating: 0x20, count: 1 << 20)))
  }

  func testEachKeyIsFoundByItsIdAndJudgedByItself() throws {
    let keys = try keySet()
    let faults: [String: JSONWebKey.Fault?] = [
      "pool": nil, "bare": nil, "weak": .tooShort(bits: 1024), "elliptic": .notRSA,
      "encryption": .notForSignatures, "rs512": .forAnotherAlgorithm, "unreadable": .malformed,
    ]
    XCTAssertEqual(keys.keys.count, faults.count)
    for (id, fault) in faults {
      let key = try XCTUnwrap(keys[id], id)
      do {
        _ = try key.publicKey()
        XCTAssertNil(fault, id)
      } catch {
        XCTAssertEqual(error, fault, id)
      }
    }
    XCTAssertNil(keys["POOL"])
    XCTAssertNil(keys[""])
  }

  func testKeysThatWouldTakeAnySignatureAreNone() {
    let modulus = [UInt8](repeating: 0xC3, count: 256)
    for exponent: [UInt8] in [[], [0], [1], [0, 1], [2], [1, 0], .init(repeating: 1, count: 9)] {
      XCTAssertNil(RSAPublicKey(modulus: modulus, exponent: exponent), "\(exponent)")
    }
    XCTAssertNil(RSAPublicKey(modulus: [], exponent: [1, 0, 1]))
    XCTAssertNil(RSAPublicKey(modulus: .init(repeating: 1, count: 2049), exponent: [1, 0, 1]))
    // A zero byte in front makes no key longer.
    XCTAssertEqual(
      RSAPublicKey(modulus: [0, 0, 0x7F] + modulus.dropLast(), exponent: [1, 0, 1])?.bitCount, 2047)
  }

  func testWhatIsPublishedIsTheUsableKeysInOneText() throws {
    let usable = try keySet().usable
    XCTAssertEqual(usable.keys.map(\.id), ["pool", "bare"])
    let text = usable.jsonText
    XCTAssertEqual(JSONWebKeySet(keys: usable.keys.reversed()).jsonText, text)
    let keys = try XCTUnwrap(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [[String: String]]])
    XCTAssertEqual(
      keys["keys"]?.map { $0.keys.sorted() },
      [["e", "kid", "kty", "n"], ["alg", "e", "kid", "kty", "n", "use"]])
    XCTAssertEqual(JSONWebKeySet(Array(text.utf8))?.jsonText, text)
  }
}

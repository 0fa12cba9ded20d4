import CognitoAPI
import CognitoTriggers
import Foundation
import JSON
import TestSupport
import XCTest

@testable import TriggerFunction

/// Ada, who signs up through Google with her address, and whoever has it already.
enum LinkScene {
  static let pool = "eu-central-1_ExaMPLe01"
  static let address = "ada@example.com"
  static let subject = "115000000000000000001"
  static let sub = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"

  static func settings(
    _ providers: String = "Google,SignInWithApple,LoginWithAmazon,AcmeSAML",
    attribute: String? = nil
  ) throws -> LinkSettings {
    LinkSettings(
      providers: try providers.split(separator: ",").map {
        try XCTUnwrap(ProviderName(String($0)))
      }, subjectAttribute: attribute)
  }

  static func source(address: String = address) throws -> LinkSource {
    try LinkSource(
      FederatedProfile(
        userName: "Google_\(subject)",
        attributes: UserAttributes([
          "email": .string(address), "email_verified": .string("true"),
        ])), settings())
  }

  /// A native user who may be linked, but for what is changed.
  ///
  /// - Parameter changes: attributes; a nil takes one away.
  static func native(
    _ name: String = "ada", sub: String = sub, status: String? = "CONFIRMED", enabled: Bool? = true,
    _ changes: [String: String?] = [:]
  ) throws -> CognitoUser {
    var attributes: [String: String?] = [
      "sub": sub, "email": address, "email_verified": "true",
    ]
    attributes.merge(changes) { $1 }
    return try CognitoUser(json(name, status: status, enabled: enabled, attributes))
  }

  /// Ada, but for `changes`.
  static func native(_ changes: [String: String?]) throws -> CognitoUser {
    try native("ada", changes)
  }

  /// As `ListUsers` has a user, or `AdminGetUser`.
  static func json(
    _ name: String = "ada", status: String? = "CONFIRMED", enabled: Bool? = true,
    _ attributes: [String: String?] = [
      "sub": sub, "email": address, "email_verified": "true",
    ], asAnswer: Bool = false
  ) -> JSONValue {
    let list = attributes.compactMap { name, value -> JSONValue? in
      value.map { .object(["Name": .string(name), "Value": .string($0)]) }
    }
    var members: [JSONKey: JSONValue] = [
      "Username": .string(name), (asAnswer ? "UserAttributes" : "Attributes"): .array(list),
    ]
    if let status { members["UserStatus"] = .string(status) }
    if let enabled { members["Enabled"] = .boolean(enabled) }
    return .object(members)
  }

  /// A user's `identities`.
  static func identities(_ providers: String...) -> String {
    let objects = providers.map { #"{"userId":"1","providerName":"\#($0)","primary":false}"# }
    return "[\(objects.joined(separator: ","))]"
  }
}

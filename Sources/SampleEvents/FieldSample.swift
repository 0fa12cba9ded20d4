import Clock
import JSON

/// A request of AppSync's for a field, of somebody who has signed in with the pool.
///
/// Source: AWS AppSync Developer Guide, "Direct Lambda resolver reference" and "Resolver mapping template context
/// reference".
struct FieldSample: JSONWritable {
  let options: SampleOptions
  let user: SampleUser
  let time: Timestamp

  private var field: SampleField { options.field ?? SampleField("Query", "me") }
  private var issuer: String {
    "https://cognito-idp.\(options.effectiveRegion).amazonaws.com/\(options.effectivePool)"
  }

  func write(to json: inout JSONWriter) {
    let claims = claims
    json.object { json in
      json.member("arguments", JSONValue(options.arguments))
      json.key("identity")
      json.object { json in
        json.member("claims", claims)
        json.member("defaultAuthStrategy", "ALLOW")
        json.member("groups", claims.object?["cognito:groups"] ?? .null)
        json.member("issuer", issuer)
        json.member("sourceIp", ["203.0.113.7"])
        json.member("sub", claims.object?["sub"] ?? .null)
        json.member("username", user.userName)
      }
      json.member("source", options.source.isEmpty ? .null : JSONValue(options.source))
      json.key("request")
      json.object { json in
        json.key("headers")
        json.object { $0.member("host", "invented.appsync-api.example.com") }
        json.member("domainName", JSONValue.null)
      }
      json.member("prev", JSONValue.null)
      json.key("info")
      json.object { json in
        json.member("selectionSetList", [String]())
        json.member("selectionSetGraphQL", "")
        json.member("fieldName", field.name)
        json.member("parentTypeName", field.parentType)
        json.key("variables")
        json.object { _ in }
      }
      json.key("stash")
      json.object { _ in }
    }
  }

  /// Of an access token.
  private var claims: JSONValue {
    let second = time.microsecondsSinceEpoch / 1_000_000
    var claims: [(name: String, value: JSONValue)] = [
      ("sub", .string(user.sub)), ("iss", .string(issuer)),
      ("client_id", .string(options.effectiveClientID)), ("token_use", .string("access")),
      ("username", .string(user.userName)), ("scope", .string("aws.cognito.signin.user.admin")),
    ]
    for (name, value) in [("auth_time", second), ("iat", second), ("exp", second + 3600)] {
      claims.append((name, .number(JSONNumber(Int(value)))))
    }
    if !options.groups.isEmpty {
      claims.append(("cognito:groups", .array(options.groups.map(JSONValue.string))))
    }
    return JSONValue(claims + options.claims)
  }
}

extension JSONValue {
  /// An object; of several members with one name the last counts.
  fileprivate init(_ members: [(name: String, value: JSONValue)]) {
    self = .object(Dictionary(members.map { (JSONKey($0.name), $0.value) }) { $1 })
  }
}

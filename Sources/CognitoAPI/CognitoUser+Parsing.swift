import JSON

extension CognitoUser {
  /// Reads the same as from a `JSONValue`, in less than half of the time: a listing's many small objects
  /// never become values.
  ///
  /// - Parameter bytes: a JSON object in UTF-8.
  public init(parsing bytes: [UInt8]) throws(MalformedUser) {
    var (username, status, isEnabled): (JSONValue?, JSONValue?, JSONValue?)
    var (createdAt, lastModifiedAt): (JSONValue?, JSONValue?)
    var attributes: [JSONKey: JSONValue] = [:]
    var isMalformed = false
    do {
      var reader = try JSONReader(bytes)
      try reader.members { (reader, key) throws(JSONError) in
        switch key {
        case "Attributes", "UserAttributes":
          if let read = try Self.attributes(of: &reader) {
            attributes = read
          } else {
            isMalformed = true
          }
        case "Username": username = try reader.value()
        case "UserStatus": status = try reader.value()
        case "Enabled": isEnabled = try reader.value()
        case "UserCreateDate": createdAt = try reader.value()
        case "UserLastModifiedDate": lastModifiedAt = try reader.value()
        default: _ = try reader.value(isWanted: false)
        }
      }
      try reader.end()
    } catch {
      throw .notAnObject
    }
    if isMalformed { throw .member("Attributes") }
    try self.init(
      username: username, attributes: attributes, status: status, isEnabled: isEnabled,
      createdAt: createdAt, lastModifiedAt: lastModifiedAt)
  }

  /// - Returns: nil when they are not what they should be.
  private static func attributes(
    of reader: inout JSONReader
  ) throws(JSONError) -> [JSONKey: JSONValue]? {
    guard try reader.isAtArray() else { return try reader.value() == .null ? [:] : nil }
    var attributes: [JSONKey: JSONValue] = [:]
    attributes.reserveCapacity(20)
    var isMalformed = false
    try reader.elements { (reader) throws(JSONError) in
      guard try reader.isAtObject() else {
        isMalformed = true
        _ = try reader.value(isWanted: false)
        return
      }
      var name: String?
      var value = JSONValue.null
      try reader.members { (reader, key) throws(JSONError) in
        switch key {
        case "Name": name = try reader.value().string
        case "Value": value = try reader.value()
        default: _ = try reader.value(isWanted: false)
        }
      }
      if let name { attributes[JSONKey(name)] = value } else { isMalformed = true }
    }
    return isMalformed ? nil : attributes
  }
}

import JSON

/// What the client sent along with a call, as far as it is asked for: `request.clientMetadata`.
///
/// Anybody can send anything. Whatever is not asked for is not even decoded.
public struct ClientMetadata: Sendable, Equatable {
  /// The longest text that is kept, in bytes of UTF-8.
  public static let valueLimit = 1024

  /// The keys that are kept with their texts, as a JSON object; nil where none was sent.
  public let json: String?
  /// Of the keys that were asked for, those that came and are not kept: too long, or no text.
  public let refusedKeys: [String]

  /// - Parameters:
  ///   - event: the trigger event's JSON in UTF-8.
  ///   - keys: which are asked for.
  public init(_ event: [UInt8], keys: [String]) {
    var members: [(key: JSONKey, value: JSONValue)] = []
    var refused: [String] = []
    for (key, value) in Self.values(in: event, of: Set(keys.map { JSONKey($0) })) {
      switch value {
      case .null: break
      case .string(let text) where text.utf8.count <= Self.valueLimit: members.append((key, value))
      default: refused.append(key.text)
      }
    }
    json = members.isEmpty ? nil : JSONValue.jsonText(ofObject: &members)
    refusedKeys = refused.sorted()
  }

  private static func values(
    in event: [UInt8], of keys: Set<JSONKey>
  ) -> [JSONKey: JSONValue] {
    var values: [JSONKey: JSONValue] = [:]
    do {
      let text = try JSONReader(event, allowsByteOrderMark: true)
      guard case .present(let range) = try JSONPlace(of: ["request", "clientMetadata"], in: text)
      else { return [:] }
      var reader = try JSONReader(Array(event[range]))
      guard try reader.isAtObject() else { return [:] }
      try reader.members { (reader, key) throws(JSONError) in
        let isWanted = keys.contains(key)
        let value = try reader.value(isWanted: isWanted)
        if isWanted { values[key] = value }
      }
    } catch {
      return [:]
    }
    return values
  }
}

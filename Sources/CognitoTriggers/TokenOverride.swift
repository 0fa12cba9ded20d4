import JSON

/// The answer to a pre token generation event: the event with what the tokens are to carry.
///
/// Everything else of the event stays as it came, byte for byte.
///
/// - Source: Amazon Cognito Developer Guide, "Pre token generation Lambda trigger"
///   (`user-pool-lambda-pre-token-generation`). The answer's `groupOverrideDetails` replaces all that the
///   tokens would say of groups, IAM roles included: these stay where they are copied from the request's
///   `groupConfiguration`.
public struct TokenOverride: Sendable {
  private let event: [UInt8]
  private let form: TokenEventForm
  private let kept: KeptGroups?

  /// - Parameters:
  ///   - event: the event's JSON in UTF-8.
  ///   - kept: which of Cognito's groups stay beside those that are answered; nil: none.
  public init(_ event: [UInt8], keeping kept: KeptGroups? = nil) throws(TokenEventError) {
    let reader = try Self.reader(event)
    do { form = try TokenEventForm(of: reader) } catch { throw .malformed }
    _ = try Self.place(of: ["response", form.key, "groupOverrideDetails"], in: reader)
    self.event = event
    self.kept = kept
  }

  /// - Parameters:
  ///   - groups: the names, in the order in which the tokens shall have them; may be empty. With groups that are kept
  ///     beside them all are sorted by their bytes, as the database sorts, each once. nil: the groups stay as they are.
  ///   - claims: nil: the claims stay as they are.
  /// - Returns: the event with them in its response, and what this form of event cannot carry of them.
  /// - Throws: also where groups are given and the event's `groupConfiguration` is neither an object nor null.
  public func answer(
    groups: [String]?, claims: TokenClaims? = nil
  ) throws(TokenEventError) -> (event: [UInt8], lost: [LostClaim]) {
    var answer = event
    var lost: [LostClaim] = []
    if let claims {
      let parts = form.parts(of: claims)
      lost = parts.lost
      for part in parts.present {
        answer = try put(part.value, at: part.path, in: answer)
      }
    }
    if let groups {
      answer = try put(details(of: groups), at: ["groupOverrideDetails"], in: answer)
    }
    return (answer, lost)
  }

  /// What the tokens say of groups: `groupConfiguration`, with other groups.
  private func details(of groups: [String]) throws(TokenEventError) -> [UInt8] {
    let reader = try Self.reader(event)
    var details = Array("{\"groupsToOverride\":".utf8)
    details += try withKept(groups, in: reader).jsonText.utf8
    for name: JSONKey in ["iamRolesToOverride", "preferredRole"] {
      guard let value = try groupConfiguration(name, in: reader) else { continue }
      details += ",\"\(name)\":".utf8
      details += value
    }
    details.append(UInt8(ascii: "}"))
    return details
  }

  private func withKept(
    _ groups: [String], in reader: JSONReader
  ) throws(TokenEventError) -> [String] {
    guard let kept, let value = try groupConfiguration("groupsToOverride", in: reader),
      case .array(let names)? = try? JSONValue(parsing: Array(value))
    else { return groups }
    let stay = names.compactMap(\.string).filter(kept.contains)
    guard !stay.isEmpty else { return groups }
    var all: [String] = []
    for name in (groups + stay).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    where all.last?.utf8.elementsEqual(name.utf8) != true {
      all.append(name)
    }
    return all
  }

  /// - Returns: the bytes of that member of `groupConfiguration`; nil where it is not there.
  private func groupConfiguration(
    _ name: JSONKey, in reader: JSONReader
  ) throws(TokenEventError) -> ArraySlice<UInt8>? {
    let place = try Self.place(of: ["request", "groupConfiguration", name], in: reader)
    guard case .present(let range) = place else { return nil }
    return event[range]
  }

  private func put(
    _ value: [UInt8], at path: [JSONKey], in event: [UInt8]
  ) throws(TokenEventError) -> [UInt8] {
    let place = try Self.place(of: ["response", form.key] + path, in: Self.reader(event))
    guard let answer = place.text(event, with: value) else { throw .malformed }
    return answer
  }

  private static func reader(_ event: [UInt8]) throws(TokenEventError) -> JSONReader {
    do {
      return try JSONReader(event, allowsByteOrderMark: true)
    } catch {
      throw .malformed
    }
  }

  private static func place(
    of path: [JSONKey], in reader: JSONReader
  ) throws(TokenEventError) -> JSONPlace {
    let place: JSONPlace
    do {
      place = try JSONPlace(of: path, in: reader)
    } catch {
      throw .malformed
    }
    guard place != .obstructed else { throw .malformed }
    return place
  }
}

/// Why an event cannot be answered with what a token is to carry; none quotes it.
public enum TokenEventError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Among others: a `response` or a `groupConfiguration` that is neither an object nor null.
  case malformed

  public var description: String {
    "the token event does not have the form that Cognito documents: something else than Cognito called"
  }
}

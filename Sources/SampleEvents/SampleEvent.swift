import AppSync
import Clock
import CognitoTriggers
import JSON

/// One event, valid and complete.
public struct SampleEvent: Sendable {
  let source: SampleSource
  let options: SampleOptions
  let user: SampleUser
  let time: Timestamp

  /// - Parameters:
  ///   - number: of the event's user, from 1: the same number is always the same user, but for what the options say.
  ///   - time: when it is sent.
  /// - Throws: where an option is given for which the event has no place, or that does not go with another.
  public init(
    of source: SampleSource, _ options: SampleOptions = SampleOptions(), number: Int = 1,
    at time: Timestamp
  ) throws(SampleError) {
    let usable = source.usableOptions
    for option in SampleOption.allCases
    where options.given.contains(option) && !usable.contains(option) {
      throw .unusable(option, source)
    }
    if source == .trigger(.tokenClientCredentials), (options.tokenVersion ?? .three) != .three {
      throw .versionOfClientCredentials
    }
    if case .trigger(let trigger) = source, trigger != .tokenClientCredentials,
      !options.scopes.isEmpty, (options.tokenVersion ?? .one) == .one
    {
      throw .scopesInVersionOne
    }
    self.source = source
    self.options = options
    self.time = time
    user = SampleUser(number: number, options)
    if let field = options.field, source == .appSync, FieldRequests(json) == nil {
      throw .notAField(field)
    }
  }

  /// The event, on one line without a line end, in UTF-8.
  public var json: [UInt8] {
    var json = JSONWriter(capacity: 1024)
    switch source {
    case .trigger(let trigger):
      TriggerSample(source: trigger, options: options, user: user).write(to: &json)
    case .change(let call):
      ChangeSample(call: call, options: options, user: user, time: time).write(to: &json)
    case .schedule: ScheduleSample(region: options.effectiveRegion, time: time).write(to: &json)
    case .appSync:
      // All of a batch belong to one query, and so to one user.
      let request = FieldSample(options: options, user: user, time: time)
      if let size = options.batchSize {
        Array(repeating: request, count: max(1, size)).write(to: &json)
      } else {
        request.write(to: &json)
      }
    }
    return json.finished()
  }
}

extension SampleOptions {
  var effectivePool: String { userPoolID?.text ?? "eu-central-1_ExaMPLe01" }
  var effectiveRegion: String { region ?? userPoolID?.primaryRegion ?? "eu-central-1" }
  var effectiveClientID: String { clientID ?? "7exampleclientid0invented1" }
}

/// The account of all that is made up, as in AWS's own documentation.
let sampleAccount = "123456789012"

extension Timestamp {
  /// As AWS's services write the time of an event: RFC 3339 with whole seconds.
  var inWholeSeconds: String { rfc3339.prefix(19) + "Z" }
}

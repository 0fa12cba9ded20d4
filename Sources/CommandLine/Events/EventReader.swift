/// Reads the events of an input one by one, and keeps no more than one.
final class EventReader {
  /// Lambda's own for an invocation's payload.
  ///
  /// Source: AWS Lambda Developer Guide, "Lambda quotas": 6 MB.
  private static let sizeLimit = 6 << 20

  private let input: EventInput
  private let file: InputFile
  private var values = JSONSequence(limit: sizeLimit)
  /// Of a file that is read as a whole; nil where values are read one after another.
  private var whole: [InputEvent]?
  private var hasFound = false

  init(_ input: EventInput) throws(CommandFailure) {
    self.input = input
    let path: String? =
      switch input {
      case .standardInput: nil
      case .file(let path), .lines(let path): path
      }
    do throws(InputFile.Failure) {
      file = try InputFile(path)
    } catch {
      throw Self.unreadable(input, error)
    }
    // What is larger than one event can only be several.
    if case .file = input, let size = file.size, size <= Self.sizeLimit { whole = try readWhole() }
  }

  /// - Returns: nil at the end.
  /// - Throws: where an input that may hold several events holds none, or something else.
  func next() throws(CommandFailure) -> InputEvent? {
    if whole != nil { return whole?.popLast() }
    while true {
      do {
        if let value = try values.next() {
          hasFound = true
          return event(value)
        }
      } catch {
        throw failure(error)
      }
      if file.isAtEnd {
        guard hasFound else {
          throw CommandFailure("\(input.name): it holds no event; 'pooltable events' makes some")
        }
        return nil
      }
      values.append(try chunk())
    }
  }

  /// Whatever a file holds that is not several values is one event, to be refused if it is none.
  ///
  /// - Returns: the last event first.
  private func readWhole() throws(CommandFailure) -> [InputEvent] {
    var bytes: [UInt8] = []
    var found: [InputEvent] = []
    var isSequence = true
    while !file.isAtEnd {
      let chunk = try chunk()
      bytes += chunk
      guard isSequence else { continue }
      values.append(chunk)
      do {
        while let value = try values.next() { found.append(event(value)) }
      } catch {
        isSequence = false
      }
    }
    return isSequence && found.count > 1
      ? found.reversed() : [InputEvent(name: input.name, bytes: bytes)]
  }

  private func chunk() throws(CommandFailure) -> [UInt8] {
    do throws(InputFile.Failure) {
      return try file.next()
    } catch {
      throw Self.unreadable(input, error)
    }
  }

  private func event(_ value: JSONSequence.Element) -> InputEvent {
    InputEvent(name: "\(input.name):\(value.line)", bytes: value.bytes)
  }

  private func failure(_ fault: JSONSequence.Fault) -> CommandFailure {
    switch fault {
    case .notJSON(let line): CommandFailure("\(input.name):\(line): this is not JSON")
    case .cutOff(let line):
      CommandFailure("\(input.name):\(line): the JSON that begins here is cut off before its end")
    case .tooLong(let line):
      CommandFailure(
        "\(input.name):\(line): the event that begins here is larger than 6 MB, which is all that Lambda takes"
      )
    }
  }

  private static func unreadable(
    _ input: EventInput, _ failure: InputFile.Failure
  ) -> CommandFailure {
    CommandFailure("\(input.name): it cannot be read: \(failure)")
  }
}

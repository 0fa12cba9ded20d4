import AWS
import Clock
import JSON

/// A Lambda function, as Lambda describes it.
///
/// Deliberately not `CustomStringConvertible`: its variables may hold a password.
public struct FunctionDescription: Sendable, Equatable {
  /// With its ARN, without version or alias.
  public var reference: FunctionReference
  /// In MB.
  public var memory: Int?
  /// In seconds.
  public var timeout: Int?
  /// Its environment, which may hold secrets.
  public var variables: [String: String]

  /// - Returns: nil where it does not say which function it is.
  init?(_ answer: [JSONKey: JSONValue]) {
    guard let reference = answer["FunctionArn"]?.string.flatMap({ FunctionReference($0) }) else {
      return nil
    }
    self.reference = reference
    memory = answer["MemorySize"]?.wholeNumber
    timeout = answer["Timeout"]?.wholeNumber
    variables = [:]
    for (name, value) in answer["Environment"]?.object?["Variables"]?.object ?? [:] {
      if let value = value.string { variables[name.text] = value }
    }
  }
}

extension JSONValue {
  fileprivate var wholeNumber: Int? {
    if case .number(let number) = self { Int(number.text) } else { nil }
  }
}

extension CloudAccess {
  /// Asks Lambda about a function (`GetFunctionConfiguration`).
  ///
  /// - Throws: the reason in a line, without a secret.
  public func description(
    of function: FunctionReference, in region: String, until deadline: Deadline
  ) throws(FunctionUnknown) -> FunctionDescription {
    let action = "lambda:GetFunctionConfiguration"
    do {
      let client = try client(of: .lambda)
      let response = try client.send(
        .get, path: "2015-03-31/functions/\(function.name)/configuration", in: region,
        until: deadline)
      guard let members = (try? JSONValue(parsing: response.body))?.object,
        let description = FunctionDescription(members)
      else { throw FunctionUnknown("the answer to \(action) is not AWS's", isThere: nil) }
      return description
    } catch let error as ServiceError {
      if case .refused(let fault) = error, fault.name == "ResourceNotFoundException" {
        throw FunctionUnknown("there is no function \(function.name) in \(region)", isThere: false)
      }
      throw FunctionUnknown(error.told(of: action), isThere: nil)
    } catch let error as ServiceSetUpError {
      throw FunctionUnknown(error.description, isThere: nil)
    } catch let error as FunctionUnknown {
      throw error
    } catch {
      throw FunctionUnknown("\(action) failed", isThere: nil)
    }
  }
}

/// Why Lambda did not describe a function.
public struct FunctionUnknown: Error, Sendable, Equatable, CustomStringConvertible {
  /// In a line without a secret.
  public var description: String
  /// False where there is no such function; nil where that is not known.
  public var isThere: Bool?

  init(_ description: String, isThere: Bool?) {
    self.description = description
    self.isThere = isThere
  }

  /// What is to be told of it.
  public var finding: Finding {
    isThere == false
      ? .failed(.function, description, "check --function-name and --region")
      : .skipped(.function, description)
  }
}

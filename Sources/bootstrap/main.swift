import UserSync

LambdaFunction.run()

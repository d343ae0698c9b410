module {{name}}

go 1.27

require github.com/roomcast/roomcast/guest-sdk/go v0.1.0

replace github.com/roomcast/roomcast/guest-sdk/go => ./sdk

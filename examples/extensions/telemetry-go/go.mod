module telemetry-go

go 1.22

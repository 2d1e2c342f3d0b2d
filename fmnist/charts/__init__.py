"""Arrays in, Plotly figures out. No Streamlit; every colour comes from `fmnist.charts.theme`."""
